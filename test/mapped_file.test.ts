import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { acquire, MappedFile, mapFile } from 'nbuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
const size = 10_000;
const content = Uint8Array.from({ length: size }, (_, k) => (k * 7) % 251);
const path = () => join(folder, 'data.bin');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nbuf-map-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function freshFile(): string {
  writeFileSync(path(), content);
  return path();
}

function codeOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return 'no error';
}

describe('mapFile', () => {
  it('maps everything as bytes, copy-on-write, and never writes the file', () => {
    const file = mapFile(freshFile());
    expect(file).toBeInstanceOf(MappedFile);
    const provider = acquire(file, { writable: true });
    expect(provider.shape).toEqual([size]);
    const bytes = provider.bytes();
    expect(bytes).toEqual(content);
    bytes[0] = 99;
    provider.set(1, 98);
    file.flush();
    provider.release();
    expect(new Uint8Array(readFileSync(path()))).toEqual(content);
  });

  it("writes the file in mode 'r+', at any offset", () => {
    const file = mapFile(freshFile(), {
      mode: 'r+',
      offset: 4099,
      format: '<H',
      shape: [5, 3],
    });
    const provider = acquire(file, { writable: true });
    provider.set(4, 2, 0x1234);
    provider.release();
    file.flush();
    const at = 4099 + (4 * 3 + 2) * 2;
    expect(readFileSync(path()).readUInt16LE(at)).toBe(0x1234);
  });

  it("gives elements and copies, but no buffer, in mode 'r'", () => {
    const file = mapFile(freshFile(), { mode: 'r', offset: 1 });
    const provider = acquire(file);
    expect(provider.readonly).toBe(true);
    expect(provider.get(0)).toBe(content[1]);
    expect(provider.toBytes()).toEqual(content.subarray(1));
    for (const member of ['bytes', 'typedArray', 'asNdarray'] as const)
      expect(codeOf(() => provider[member]())).toBe('ERR_NBUF_READONLY');
    expect(codeOf(() => provider.buffer)).toBe('ERR_NBUF_READONLY');
    expect(codeOf(() => provider.set(0, 1))).toBe('ERR_NBUF_READONLY');
    expect(codeOf(() => acquire(file, { writable: true }))).toBe('ERR_NBUF_READONLY');
    provider.release();
  });

  it('is an exporter with both locks that cannot be resized', () => {
    const file = mapFile(freshFile());
    expect(codeOf(() => file.resize([1]))).toBe('ERR_NBUF_UNSUPPORTED');
    const provider = acquire(file, { label: 'reader' });
    expect(codeOf(() => file.setLayout({ shape: [100, 100] }))).toBe('ERR_NBUF_LOCKED');
    provider.unlockLayout();
    file.setLayout({ shape: [100, 100] });
    expect(file.shape).toEqual([100, 100]);
    expect(provider.shape).toEqual([size]);
    provider.release();
    file.dispose();
    expect(codeOf(() => acquire(file))).toBe('ERR_NBUF_RELEASED');
    expect(codeOf(() => file.flush())).toBe('ERR_NBUF_RELEASED');
  });

  it('accepts file URLs and empty files', () => {
    freshFile();
    const file = mapFile(pathToFileURL(path()), { length: 0 });
    const provider = acquire(file);
    expect(provider.byteLength).toBe(0);
    expect(provider.bytes().length).toBe(0);
    provider.release();
    writeFileSync(path(), '');
    expect(mapFile(path()).byteLength).toBe(0);
  });

  it('notices at the next acquire that the file was truncated', () => {
    const file = mapFile(freshFile(), { mode: 'r' });
    truncateSync(path(), 100);
    expect(codeOf(() => acquire(file))).toBe('ERR_NBUF_IO');
    expect(file.locks).toEqual({ memory: 0, layout: 0 });
    truncateSync(path(), size);
    acquire(file).release();
  });

  it('refuses what cannot be mapped, with a reason', () => {
    freshFile();
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const cases: [unknown, unknown, unknown][] = [
      [join(folder, 'absent'), {}, 'ERR_NBUF_IO'],
      [folder, {}, 'ERR_NBUF_IO'],
      [fifo, {}, 'ERR_NBUF_IO'],
      ['/dev/null', {}, 'ERR_NBUF_IO'],
      [`${path()}\0x`, {}, 'ERR_INVALID_ARG_TYPE'],
      ['', {}, 'ERR_INVALID_ARG_TYPE'],
      [7, {}, 'ERR_INVALID_ARG_TYPE'],
      [path(), null, 'ERR_INVALID_ARG_TYPE'],
      [path(), { mode: 'w' }, 'ERR_OUT_OF_RANGE'],
      [path(), { mode: 1 }, 'ERR_INVALID_ARG_TYPE'],
      [path(), { offset: -1 }, 'ERR_OUT_OF_RANGE'],
      [path(), { offset: size + 1 }, 'ERR_NBUF_BOUNDS'],
      [path(), { offset: 1, length: size }, 'ERR_NBUF_BOUNDS'],
      [path(), { length: 2 ** 52 }, 'ERR_NBUF_BOUNDS'],
      [path(), { shape: [size + 1] }, 'ERR_NBUF_BOUNDS'],
      [path(), { shape: [3], length: 2 }, 'ERR_NBUF_BOUNDS'],
      [path(), { format: 'd', offset: 1 }, 'ERR_OUT_OF_RANGE'],
      [path(), { format: 'no' }, 'ERR_NBUF_FORMAT'],
    ];
    for (const [file, options, code] of cases)
      expect([
        file,
        options,
        codeOf(() => mapFile(file as never, options as never)),
      ]).toEqual([file, options, code]);
  });

  it('keeps the pages as long as a provider lives', () => {
    let file: MappedFile | null = mapFile(freshFile());
    const provider = acquire(file);
    file.dispose();
    file = null;
    globalThis.gc?.();
    expect(provider.get(size - 1)).toBe(content[size - 1]);
    provider.release();
  });
});
