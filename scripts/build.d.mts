/** node-gyp in a folder with a binding.gyp; quiet unless it fails. */
export function buildAddon(folder: string, ...args: string[]): void;
/** Node's own headers, where they were installed beside it: saves a download. */
export function nodedirArguments(): string[];
