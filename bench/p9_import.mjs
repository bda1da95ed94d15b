// P9: what `import 'nbuf'` adds to an empty addon's, in fresh processes; the size of a prebuild.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { addon, root } from './compile.mjs';
import { alternate, median, report, times } from './measure.mjs';

addon('empty_addon');

/** Processor milliseconds that one import takes in a process of its own. */
function importing(what) {
  const script =
    `const start = process.cpuUsage(); await import('${what}');` +
    'const { user, system } = process.cpuUsage(start); console.log((user + system) / 1000);';
  const args = ['--input-type=module', '-e', script];
  const options = { cwd: root, encoding: 'utf8' };
  return () => Number(execFileSync(process.execPath, args, options));
}

const figures = await alternate(
  { ours: importing('nbuf'), empty: importing('./bench/native/empty_addon.mjs') },
  times(31, 7),
);
const limit = { id: 'P9', against: 'limit', target: 1 };
report({
  ...limit,
  name: "import 'nbuf' over an empty addon",
  unit: 'ms',
  ours: median(figures.ours) - median(figures.empty),
  peer: 5,
});

/** KiB once stripped as prebuildify --strip does. */
function strippedSize(file) {
  const copy = join(root, '.bench', 'stripped.node');
  copyFileSync(file, copy);
  execFileSync('strip', [copy, process.platform === 'darwin' ? '-Sx' : '--strip-all']);
  return statSync(copy).size / 1024;
}

function prebuilds() {
  const folder = join(root, 'prebuilds');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true }).filter((file) =>
    file.endsWith('.node'),
  );
}

const platform = `${process.platform}-${process.arch}`;
report({
  ...limit,
  name: `the addon, stripped, ${platform}`,
  unit: 'KiB',
  ours: strippedSize(join(root, 'build/Release/nbuf.node')),
  peer: platform === 'linux-x64' ? 300 : 500,
});
for (const file of prebuilds())
  report({
    ...limit,
    name: `prebuilds/${file}`,
    unit: 'KiB',
    ours: statSync(join(root, 'prebuilds', file)).size / 1024,
    peer: /^linux-x64.*glibc/.test(file) ? 300 : 500,
  });
