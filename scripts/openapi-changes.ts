/** What a new OpenAPI document takes away from those who were promised the old one. */

type Json = Readonly<Record<string, unknown>>

/** Where a value goes: a request may ask for no more than before, a response may promise no less. */
type Direction = 'request' | 'response'

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options']

/** @returns one line a change. @throws Error at a keyword that it does not know, for that one could hide a change. */
export function breakingChanges(before: Json, after: Json): string[] {
	const changes: string[] = []
	const old = reader(before)
	const current = reader(after)
	const compared = new Set<string>()

	for (const [path, item] of entries(before['paths'])) {
		for (const method of METHODS.filter((name) => item[name])) {
			const at = `${method.toUpperCase()} ${path}`
			const now = record(record(after['paths'])[path])[method]
			if (now === undefined) changes.push(`${at}: is gone`)
			else compareOperations(record(item[method]), record(now), at)
		}
	}
	return changes

	function compareOperations(was: Json, now: Json, at: string): void {
		if (isPublic(was, before) && !isPublic(now, after)) changes.push(`${at}: needs a token`)
		compareParameters(was, now, at)
		compareBodies(was['requestBody'], now['requestBody'], at)
		for (const [status, response] of entries(was['responses'])) {
			const answer = record(now['responses'])[status]
			if (answer !== undefined) compareResponses(old(response), current(record(answer)), `${at} ${status}`)
			else if (Number(status) < 400) changes.push(`${at}: answers ${status} no more`) // nobody misses a failure
		}
	}

	function compareParameters(was: Json, now: Json, at: string): void {
		const known = parametersOf(was, old)
		const asked = parametersOf(now, current)
		for (const [name, parameter] of known) {
			const same = asked.get(name)
			if (!same) changes.push(`${at}: takes ${name} no more`)
			else compareSchemas(parameter['schema'], same['schema'], 'request', `${at} ${name}`)
		}
		for (const [name, parameter] of asked)
			if (parameter['required'] === true && known.get(name)?.['required'] !== true) changes.push(`${at}: requires ${name}`)
	}

	function compareBodies(was: unknown, now: unknown, at: string): void {
		if (was === undefined && now === undefined) return
		const body = old(record(was))
		const next = current(record(now))
		if (next['required'] === true && body['required'] !== true) changes.push(`${at}: requires a body`)
		compareContents(body, next, 'request', `${at} body`)
	}

	function compareResponses(was: Json, now: Json, at: string): void {
		for (const [name] of entries(was['headers']))
			if (record(now['headers'])[name] === undefined) changes.push(`${at}: has no header ${name} any more`)
		compareContents(was, now, 'response', at)
	}

	function compareContents(was: Json, now: Json, direction: Direction, at: string): void {
		for (const [type, content] of entries(was['content'])) {
			const same = record(now['content'])[type]
			if (same === undefined) changes.push(`${at}: is no ${type} any more`)
			else compareSchemas(content['schema'], record(same)['schema'], direction, at)
		}
	}

	/** Every kind of value that one side has must be among those of the other. */
	function compareSchemas(was: unknown, now: unknown, direction: Direction, at: string): void {
		const pair = JSON.stringify([was, now, direction])
		if (compared.has(pair) && JSON.stringify(was).includes('$ref')) return // a type that contains itself
		compared.add(pair)
		const known = variantsOf(was, old)
		const next = variantsOf(now, current)
		const [given, takers] = direction === 'request' ? [known, next] : [next, known]
		for (const variant of given) {
			const tag = tagOf(variant)
			const taker = takers.find((other) => takes(other['type'], variant['type']) && tagOf(other) === tag)
			if (!taker && tag && direction === 'response') continue // one more of several: whoever does not know it passes it over
			if (!taker)
				changes.push(
					`${at}: ${direction === 'request' ? 'takes' : 'may be'} ${variant['type'] ?? 'anything'} ${direction === 'request' ? 'no more' : 'now'}`,
				)
			else if (direction === 'request') compareValues(variant, taker, direction, at)
			else compareValues(taker, variant, direction, at)
		}
	}

	function compareValues(was: Json, now: Json, direction: Direction, at: string): void {
		if (was['format'] !== now['format'] && (direction === 'response' || now['format'] !== undefined))
			changes.push(`${at}: has the format ${now['format'] ?? 'of any text'} instead of ${was['format'] ?? 'any'}`)
		compareChoices(was, now, direction, at)
		if (direction === 'request') compareBounds(was, now, at)
		if (was['type'] === 'array') compareSchemas(was['items'] ?? {}, now['items'] ?? {}, direction, `${at}[]`)
		if (was['type'] === 'object') compareObjects(was, now, direction, at)
	}

	function compareChoices(was: Json, now: Json, direction: Direction, at: string): void {
		const known = choicesOf(was)
		const next = choicesOf(now)
		if (direction === 'request' && next) {
			const lost = known ? known.filter((value) => !next.includes(value)) : ['other values']
			if (lost.length > 0) changes.push(`${at}: takes ${lost.join(', ')} no more`)
		}
		if (direction === 'response' && known && !next) changes.push(`${at}: may be other values than ${known.join(', ')}`)
	}

	function compareBounds(was: Json, now: Json, at: string): void {
		for (const name of ['minLength', 'minimum', 'minItems', 'minProperties'])
			if (Number(now[name] ?? Number.NEGATIVE_INFINITY) > Number(was[name] ?? Number.NEGATIVE_INFINITY))
				changes.push(`${at}: ${name} is ${now[name]}`)
		for (const name of ['maxLength', 'maximum', 'maxItems', 'maxProperties'])
			if (Number(now[name] ?? Number.POSITIVE_INFINITY) < Number(was[name] ?? Number.POSITIVE_INFINITY))
				changes.push(`${at}: ${name} is ${now[name]}`)
		if (now['pattern'] !== undefined && now['pattern'] !== was['pattern']) changes.push(`${at}: must match ${now['pattern']}`)
	}

	function compareObjects(was: Json, now: Json, direction: Direction, at: string): void {
		const next = record(now['properties'])
		for (const [name, property] of entries(was['properties'])) {
			if (next[name] === undefined) changes.push(`${at}.${name}: is gone`)
			else compareSchemas(property, next[name], direction, `${at}.${name}`)
		}
		const [more, fewer] = direction === 'request' ? [now, was] : [was, now]
		for (const name of names(more['required']))
			if (!names(fewer['required']).includes(name) && (direction === 'request' || next[name] !== undefined))
				changes.push(`${at}.${name}: is ${direction === 'request' ? 'required' : 'optional'} now`)
		if (direction === 'request' && now['additionalProperties'] === false && was['additionalProperties'] !== false)
			changes.push(`${at}: takes no other fields any more`)
	}
}

/** What tells an object from others of its `oneOf`: its properties that are constants. Empty where there are none. */
function tagOf(variant: Json): string {
	const constants = entries(variant['properties']).flatMap(([name, property]) =>
		'const' in property ? [`${name}=${property['const']}`] : [],
	)
	return constants.join(' ')
}

/** A value of one type: what JSON Schema says in lists of types or in anyOf is several of them. */
function variantsOf(schema: unknown, read: Reader, outer: Json = {}): Json[] {
	const { anyOf, oneOf, ...own } = { ...outer, ...read(record(schema)) }
	const unknown = Object.keys(own).filter((name) => !KNOWN.has(name))
	if (unknown.length > 0) throw new Error(`cannot compare ${unknown.join(', ')}`)
	const alternatives = (anyOf ?? oneOf) as readonly unknown[] | undefined
	if (alternatives) return alternatives.flatMap((alternative) => variantsOf(alternative, read, own))
	const { type } = own as Json
	return Array.isArray(type) ? type.map((one: unknown) => (one === 'null' ? { type: one } : { ...own, type: one })) : [own]
}

const KNOWN = new Set(
	'type format enum const pattern minLength maxLength minimum maximum minItems maxItems minProperties maxProperties items properties required additionalProperties description title default example examples deprecated'.split(
		' ',
	),
)

/** A schema without a type takes anything. */
const takes = (taker: unknown, given: unknown): boolean =>
	taker === undefined || taker === given || (taker === 'number' && given === 'integer')

const choicesOf = (schema: Json): unknown[] | undefined =>
	'const' in schema ? [schema['const']] : (schema['enum'] as unknown[] | undefined)

const isPublic = (operation: Json, document: Json): boolean => {
	const security = (operation['security'] ?? document['security'] ?? []) as readonly Json[]
	return security.length === 0 || security.some((needed) => Object.keys(needed).length === 0)
}

function parametersOf(operation: Json, read: Reader): Map<string, Json> {
	const parameters = ((operation['parameters'] ?? []) as readonly Json[]).map(read)
	return new Map(parameters.map((parameter) => [`${String(parameter['in'])} ${String(parameter['name'])}`, parameter]))
}

type Reader = (value: Json) => Json

/** Follows references inside of a document. */
function reader(document: Json): Reader {
	return function read(value): Json {
		const { $ref, ...beside } = value
		if (typeof $ref !== 'string') return value
		const target = $ref
			.split('/')
			.slice(1)
			.reduce<unknown>((found, name) => record(found)[name.replaceAll('~1', '/').replaceAll('~0', '~')], document)
		if (target === undefined) throw new Error(`${$ref} leads nowhere`)
		return { ...read(record(target)), ...beside }
	}
}

const record = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
const entries = (value: unknown): [string, Json][] => Object.entries(record(value)).map(([name, inner]) => [name, record(inner)])
const names = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])
