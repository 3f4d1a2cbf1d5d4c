/** Nothing came in time. */
export class Silence extends Error {
	override name = 'Silence'
}
