// node --expose-gc run.cjs <file> <scenario>: runs one; exit code 0 when it holds.
// node run.cjs: prints every "<file> <scenario>".
const path = require('node:path');

const files = [
  'values',
  'exporters',
  'windows',
  'hostile',
  'lies',
  'lifetime',
  'workers',
];
const open = (file) => require(path.join(__dirname, 'scenarios', `${file}.cjs`));
const [file, name] = process.argv.slice(2);

if (file === undefined) {
  for (const each of files)
    for (const scenario of Object.keys(open(each))) console.log(`${each} ${scenario}`);
} else {
  Promise.resolve()
    .then(() => open(file)[name]())
    .catch((error) => {
      console.error(error);
      process.exit(1);
    });
}
