export const WIDTH: number;
export const HEIGHT: number;
/** The picture as packed RGB bytes. */
export function render(): Uint8ClampedArray;
