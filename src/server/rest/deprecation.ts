import { parametersOf, type Route } from './routes.ts'

/** Headers of every answer of a route that will go, out of the request's path parameters. */
export type Deprecate = (parameters: Readonly<Record<string, string>>) => Record<string, string>

/**
 * Compiles the route's `deprecated`: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), and a `Link` to what to call instead.
 * @throws Error when the field has a reason and no date or a date and no reason, or when a date or the successor makes no sense.
 */
export function deprecation({ deprecated, field, coordinate, parameters }: Route, base: string): Deprecate | undefined {
	if (!deprecated && !field.deprecationReason) return undefined
	if (!deprecated || !field.deprecationReason) throw new Error(`${coordinate}: deprecationReason and rest.deprecated need each other`)
	const { since, sunset, successor } = deprecated
	const headers = {
		deprecation: `@${dayOf(since, coordinate).getTime() / 1000}`,
		...(sunset && { sunset: dayOf(sunset, coordinate).toUTCString() }),
	}
	if (!successor) return () => headers
	const missing = parametersOf(successor).find((name) => !parameters.includes(name))
	if (missing) throw new Error(`${coordinate}: the successor names "${missing}", which the path lacks`)
	return (values) => {
		const path = successor.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(values[name] ?? ''))
		return { ...headers, link: `<${base}${path}>; rel="successor-version"` }
	}
}

function dayOf(text: string, coordinate: string): Date {
	const day = new Date(`${text}T00:00:00Z`)
	if (Number.isNaN(day.getTime())) throw new Error(`${coordinate}: "${text}" is no day`)
	return day
}
