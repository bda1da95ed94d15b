/** A Node to run test programs with. */
export type Runtime = { readonly name: string; readonly program: string };

/** npm has other versions for this platform. */
export declare const canInstall: boolean;

/** The running Node first; then the others, installed if they are missing. */
export declare function findRuntimes(): Runtime[];
