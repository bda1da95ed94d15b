export function buildAddons(...parents: string[]): void;
