import { describe, expect, it } from 'vitest'
import { breakingChanges } from '../../scripts/openapi-changes.ts'

type Json = Record<string, unknown>

const text = { type: 'string' }
const body = (schema: Json, more: Json = {}): Json => ({ requestBody: { content: { 'application/json': { schema } }, ...more } })
const answer = (schema: Json, more: Json = {}): Json => ({
	responses: { 200: { content: { 'application/json': { schema } }, ...more }, 404: {} },
})
const query = (schema: Json, more: Json = {}): Json => ({ parameters: [{ name: 'q', in: 'query', schema, ...more }] })
const object = (properties: Json, ...required: string[]): Json => ({ type: 'object', properties, required })

/** One of several answers, told by its `event`. */
const event = (name: string, data: Json): Json => object({ event: { ...text, const: name }, data }, 'event', 'data')
const events = (...kinds: Json[]): Json => answer({ oneOf: kinds })

const document = (operation: Json | undefined, components: Json = {}): Json => ({
	security: [{ bearer: [] }],
	paths: { '/things': { get: {}, ...(operation && { post: operation }) } },
	components,
})

type Pair = [name: string, before: Json, after: Json, says?: RegExp]

const BREAKING: Pair[] = [
	['a token is needed', { security: [] }, {}, /needs a token/],
	['a parameter goes', query(text), { parameters: [] }, /takes query q no more/],
	['a parameter is new and required', {}, query(text, { required: true }), /requires query q/],
	['a parameter becomes required', query(text), query(text, { required: true }), /requires query q/],
	['a parameter changes its type', query(text), query({ type: 'integer' }), /takes string no more/],
	['a parameter loses a value', query({ ...text, enum: ['a', 'b'] }), query({ ...text, enum: ['a'] }), /takes b no more/],
	['a parameter gets a list of values', query(text), query({ ...text, enum: ['a'] }), /takes other values no more/],
	['a parameter gets a limit', query(text), query({ ...text, maxLength: 9 }), /maxLength is 9/],
	['a limit is lowered', query({ type: 'integer', maximum: 9 }), query({ type: 'integer', maximum: 8 }), /maximum is 8/],
	['a limit is raised', query({ type: 'integer', minimum: 1 }), query({ type: 'integer', minimum: 2 }), /minimum is 2/],
	['a pattern is new', query(text), query({ ...text, pattern: '^a' }), /must match \^a/],
	['a body becomes required', body(text), body(text, { required: true }), /requires a body/],
	['a body goes', body(text), {}, /no application\/json any more/],
	['a field of a body goes', body(object({ a: text })), body(object({})), /body\.a: is gone/],
	['a field of a body is required', body(object({ a: text })), body(object({ a: text }, 'a')), /body\.a: is required now/],
	['a field takes null no more', body(object({ a: { type: ['string', 'null'] } })), body(object({ a: text })), /takes null no more/],
	['a body takes no other fields', body(object({})), body({ ...object({}), additionalProperties: false }), /no other fields/],
	['a success goes', answer(text), { responses: { 201: {} } }, /answers 200 no more/],
	['an answer has another media type', answer(text), { responses: { 200: { content: { 'text/plain': {} } } } }, /no application\/json/],
	['an answer loses a header', answer(text, { headers: { ETag: {} } }), answer(text), /no header ETag/],
	[
		'a field of one of several answers goes',
		events(event('a', object({ x: text })), event('b', object({ y: text }))),
		events(event('a', object({ x: text })), event('b', object({}))),
		/data\.y: is gone/,
	],
	['a field of an answer goes', answer(object({ a: text })), answer(object({})), /\.a: is gone/],
	['a field of an answer may be absent', answer(object({ a: text }, 'a')), answer(object({ a: text })), /\.a: is optional now/],
	[
		'a field of an answer may be null',
		answer(object({ a: text })),
		answer(object({ a: { anyOf: [text, { type: 'null' }] } })),
		/may be null now/,
	],
	[
		'a field of an answer is of another type',
		answer(object({ a: text })),
		answer(object({ a: { type: 'integer' } })),
		/may be integer now/,
	],
	[
		'an item of an answer is of another type',
		answer({ type: 'array', items: text }),
		answer({ type: 'array', items: { type: 'boolean' } }),
		/\[\]/,
	],
	['a number is an integer no more', answer({ type: 'integer' }), answer({ type: 'number' }), /may be number now/],
	['a time is any text', answer({ ...text, format: 'date-time' }), answer(text), /format/],
	['a list of values is any text', answer({ ...text, enum: ['a'] }), answer(text), /other values than a/],
]

const HARMLESS: Pair[] = [
	['nothing', answer(text), answer(text)],
	[
		'several answers, and one more',
		events(event('a', object({ x: text })), event('b', object({ y: text }))),
		events(event('b', object({ y: text })), event('c', object({})), event('a', object({ x: text }))),
	],
	['a token is needed no more', {}, { security: [] }],
	['a parameter is new and optional', {}, query(text)],
	['a parameter takes more values', query({ ...text, enum: ['a'] }), query({ ...text, enum: ['a', 'b'] })],
	['a limit goes', query({ ...text, maxLength: 9, pattern: '^a' }), query(text)],
	['a parameter takes numbers', query({ type: 'integer' }), query({ type: 'number' })],
	['a field of a body is new and optional', body(object({})), body(object({ a: text }))],
	['a field of a body takes null', body(object({ a: text })), body(object({ a: { type: ['string', 'null'] } }))],
	['an answer has more fields', answer(object({ a: text }, 'a')), answer(object({ a: text, b: text }, 'a', 'b'))],
	['an answer is null no more', answer({ anyOf: [text, { type: 'null' }] }), answer(text)],
	['a failure is new, another one goes', answer(text), { responses: { ...(answer(text)['responses'] as Json), 404: undefined, 409: {} } }],
	['words', query({ ...text, description: 'a' }), query({ ...text, description: 'b', examples: ['c'] })],
]

describe('a change of the OpenAPI document', () => {
	it.each(BREAKING)('breaks clients when %s', (_name, before, after, says) => {
		expect(breakingChanges(document(before), document(after))).toEqual([expect.stringMatching(says ?? /./)])
	})

	it.each(HARMLESS)('breaks nobody when it is this: %s', (_name, before, after) => {
		expect(breakingChanges(document(before), document(after))).toEqual([])
	})

	it('breaks clients when a route goes, or all of a path', () => {
		expect(breakingChanges(document({}), document(undefined))).toEqual(['POST /things: is gone'])
		expect(breakingChanges(document({}), { ...document({}), paths: {} })).toEqual(['GET /things: is gone', 'POST /things: is gone'])
	})

	it('is found behind references, and in types that contain themselves', () => {
		const tree = (value: Json) => ({
			schemas: { Tree: object({ value, children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } }) },
		})
		const operation = answer({ $ref: '#/components/schemas/Tree' })
		expect(breakingChanges(document(operation, tree(text)), document(operation, tree(text)))).toEqual([])
		expect(breakingChanges(document(operation, tree(text)), document(operation, tree({ type: 'integer' })))).not.toEqual([])
	})

	it('is not passed over when it is in a keyword that is not compared', () => {
		expect(() => breakingChanges(document(body({ not: text })), document(body({})))).toThrow('cannot compare not')
	})
})
