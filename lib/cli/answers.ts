/** Every request word, asked once: what the promises about words are judged by. */
import { type Answer, LEVELS, PINNED, SNAPSHOT, UNKNOWN, WORDS } from './rules_words.ts';
import type { Subject } from './subject.ts';

/** The flags of nbuf's own that are tried beside every word of PEP 3118. */
export const EXTRAS: Readonly<
  Record<'plain' | 'snapshot' | 'levels' | 'pinned', number>
> = {
  plain: 0,
  snapshot: SNAPSHOT,
  levels: LEVELS,
  pinned: PINNED,
};

export class Answers {
  readonly #subject: Subject;
  readonly #known = new Map<number, readonly Answer[]>();

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** All 256 words with these flags added. */
  with(extra: number): readonly Answer[] {
    const known = this.#known.get(extra);
    if (known !== undefined) return known;
    const answers = WORDS.map((word) => this.ask((word | extra) >>> 0));
    this.#known.set(extra, answers);
    return answers;
  }

  /** Unknown bits, alone and beside words that are granted. */
  unknown(word: number): readonly Answer[] {
    return UNKNOWN.flatMap((bit) => [this.ask(bit), this.ask((bit | word) >>> 0)]);
  }

  ask(word: number): Answer {
    const { status, out, isGranted } = this.#subject.ask(word);
    if (!isGranted) return { word, status, hasOut: out !== 0n, snapshot: null };
    const snapshot = this.#subject.read(out);
    this.#subject.release(snapshot);
    return { word, status, hasOut: true, snapshot };
  }
}
