/** As many as a chat takes. */
export const SOURCES = 5

/** Of those that a chat would take. */
export const bestOf = (found: readonly { score: number }[]): number => Math.max(0, ...found.slice(0, SOURCES).map(({ score }) => score))
