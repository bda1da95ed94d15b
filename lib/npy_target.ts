/** Where a file is written: beside its place, and moved there once it is complete. */

import {
  type FileHandle,
  lstat,
  open,
  readlink,
  realpath,
  rename,
  unlink,
} from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { BufferError, show } from './errors.ts';
import { check, native } from './native.ts';

/** As many links in a row as Linux follows. */
const MAX_LINKS = 40;

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}

/** `mode` is null where no file is yet. */
type Place = {
  readonly path: string;
  readonly mode: number | null;
  readonly isPlain: boolean;
};

/** Follows links, also one that leads to no file yet. */
async function findPlace(path: string): Promise<Place> {
  // Only folders are called so: basename would leave the slash out and find a file.
  if (/[/\\]$/.test(path) && (sep === '\\' || path.endsWith('/')))
    throw Object.assign(new Error('EISDIR: illegal operation on a directory, open'), {
      code: 'EISDIR',
      syscall: 'open',
    });
  let next = path;
  for (let links = 0; links <= MAX_LINKS; links++) {
    const folder = await realpath(dirname(next));
    const place = join(folder, basename(next));
    try {
      const status = await lstat(place);
      if (!status.isSymbolicLink())
        return { path: place, mode: status.mode & 0o7777, isPlain: status.isFile() };
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      return { path: place, mode: null, isPlain: true };
    }
    next = resolve(folder, await readlink(place));
  }
  throw new Error('too many symbolic links');
}

/** The system's reason as BufferError. */
async function io<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const reason = `cannot save ${show(path)}: ${(cause as Error).message}`;
    throw new BufferError('ERR_NBUF_IO', reason, { cause });
  }
}

/** As NumPy has it: small files go quickly also over a network. */
const WORTH_RESERVING = 16 << 20;

/** The error that Node would make of it. */
function checkErrno(errno: number, syscall: string): void {
  if (errno === 0) return;
  const [code, reason] = getSystemErrorMap().get(-errno) ?? ['EIO', 'unknown error'];
  const error = new Error(`${code}: ${reason}, ${syscall}`);
  throw Object.assign(error, { errno: -errno, code, syscall });
}

export class SaveTarget {
  readonly #path: string;
  readonly #place: Place;
  /** Null where bytes go straight to a device or pipe. */
  readonly #temporary: string | null;
  readonly #file: FileHandle;

  private constructor(
    path: string,
    place: Place,
    temporary: string | null,
    file: FileHandle,
  ) {
    this.#path = path;
    this.#place = place;
    this.#temporary = temporary;
    this.#file = file;
  }

  static async open(path: string): Promise<SaveTarget> {
    return await io(path, async () => {
      const place = await findPlace(path);
      if (!place.isPlain)
        return new SaveTarget(path, place, null, await open(place.path, 'w'));
      const random = Math.random().toString(36).slice(2);
      const name = `.${basename(place.path).slice(0, 40)}.${process.pid}-${random}.tmp`;
      const temporary = join(dirname(place.path), name);
      // What replaces a private file is private from the start.
      const file = await open(temporary, 'wx', place.mode === null ? 0o666 : 0o600);
      return new SaveTarget(path, place, temporary, file);
    });
  }

  /** Makes room for so many bytes, where it is worth that. */
  async reserve(bytes: number): Promise<void> {
    if (this.#temporary === null || bytes < WORTH_RESERVING) return;
    await io(this.#path, async () => {
      checkErrno(native.reserveSpace(this.#file.fd, bytes), 'fallocate');
    });
  }

  /** Bytes of a provider's block, by another thread and from where they lie. */
  async writeBlock(slot: number, offset: number, bytes: number): Promise<void> {
    const writing = check(native.writeBlock(slot, offset, bytes, this.#file.fd));
    await io(this.#path, async () => checkErrno(await writing, 'write'));
  }

  /** All of the bytes: a system may take some at a time. */
  async write(bytes: Uint8Array): Promise<void> {
    await io(this.#path, async () => {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at);
        if (bytesWritten === 0) throw new Error('the system takes no more bytes');
        at += bytesWritten;
      }
    });
  }

  /** Puts the file in its place, with the mode of the one that was there. */
  async commit(): Promise<void> {
    await io(this.#path, async () => {
      if (this.#temporary !== null && this.#place.mode !== null)
        await this.#file.chmod(this.#place.mode);
      await this.#file.close();
      if (this.#temporary !== null) await rename(this.#temporary, this.#place.path);
    });
  }

  /** After a failure, of which this must not hide the reason. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => {});
    if (this.#temporary !== null) await unlink(this.#temporary).catch(() => {});
  }
}
