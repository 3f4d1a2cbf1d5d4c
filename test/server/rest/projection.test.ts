import fc from 'fast-check'
import {
	type ExecutionResult,
	executeSync,
	GraphQLBoolean,
	GraphQLEnumType,
	GraphQLFloat,
	GraphQLID,
	GraphQLInputObjectType,
	type GraphQLInputType,
	GraphQLInt,
	GraphQLInterfaceType,
	GraphQLList,
	GraphQLNonNull,
	GraphQLObjectType,
	type GraphQLOutputType,
	GraphQLSchema,
	GraphQLString,
	parse,
	validate,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import type { RestExtension } from '../../../schema/plugins/rest.ts'
import { compile } from '../../../src/server/rest/projection.ts'
import { routesOf } from '../../../src/server/rest/routes.ts'
import { schema as example } from '../example/app.ts'

/** A type as it is given and as it is shown, with the REST values that it holds. */
interface Kind {
	readonly input: GraphQLInputType
	readonly output: GraphQLOutputType
	readonly values: fc.Arbitrary<unknown>
}

const color = new GraphQLEnumType({ name: 'Color', values: { RED: { value: 'red' }, DARK_BLUE: { value: 'dark.blue' } } })

const leaves: readonly Kind[] = [
	{ input: GraphQLString, output: GraphQLString, values: fc.string({ unit: 'grapheme' }) },
	{ input: GraphQLInt, output: GraphQLInt, values: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) },
	{ input: GraphQLFloat, output: GraphQLFloat, values: fc.double({ noNaN: true, noDefaultInfinity: true }) },
	{ input: GraphQLBoolean, output: GraphQLBoolean, values: fc.boolean() },
	{ input: GraphQLID, output: GraphQLID, values: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }) },
	{ input: color, output: color, values: fc.constantFrom('red', 'dark.blue') },
]

let count = 0

const kind: fc.Memo<Kind> = fc.memo((depth) => {
	const leaf = fc.constantFrom(...leaves)
	return depth <= 1 ? leaf : fc.oneof(leaf, kind(depth - 1).map(listOf), kind(depth - 1).map(required), objectOf(depth - 1))
})

const listOf = ({ input, output, values }: Kind): Kind => ({
	input: new GraphQLList(input),
	output: new GraphQLList(output),
	values: fc.array(isNonNull(input) ? values : fc.option(values), { maxLength: 3 }),
})

const required = (kind: Kind): Kind =>
	isNonNull(kind.input) ? kind : { ...kind, input: new GraphQLNonNull(kind.input), output: new GraphQLNonNull(kind.output) }

const isNonNull = (type: unknown) => type instanceof GraphQLNonNull

function objectOf(depth: number): fc.Arbitrary<Kind> {
	return fc.array(kind(depth), { minLength: 1, maxLength: 3 }).map((kinds) => {
		const name = `Type${++count}`
		const fields = kinds.map((kind, index) => [`field${index}`, kind] as const)
		return {
			input: new GraphQLInputObjectType({
				name: `${name}Input`,
				fields: Object.fromEntries(fields.map(([key, { input }]) => [key, { type: input }])),
			}),
			output: new GraphQLObjectType({ name, fields: Object.fromEntries(fields.map(([key, { output }]) => [key, { type: output }])) }),
			values: fc.record(Object.fromEntries(fields.map(([key, { input, values }]) => [key, isNonNull(input) ? values : fc.option(values)]))),
		}
	})
}

/** A schema whose one mutation answers what it is given, in REST's hands. */
function echo({ input, output }: Kind) {
	const rest: RestExtension = { method: 'POST', path: '/echo', isPublic: true }
	const given = new GraphQLInputObjectType({ name: 'EchoInput', fields: { value: { type: input } } })
	const mutation = new GraphQLObjectType({
		name: 'Mutation',
		fields: {
			echo: {
				type: output,
				args: { input: { type: new GraphQLNonNull(given) } },
				resolve: (_root, args: { input: { value: unknown } }) => args.input.value,
				extensions: { rest },
			},
		},
	})
	const query = new GraphQLObjectType({ name: 'Query', fields: { nothing: { type: GraphQLString } } })
	return new GraphQLSchema({ query, mutation })
}

describe('the projection', () => {
	it('gives back what REST gave to GraphQL, for every type', () => {
		const cases = kind(4).chain((kind) => fc.tuple(fc.constant(kind), kind.values))
		fc.assert(
			fc.property(cases, ([kind, value]) => {
				const schema = echo(kind)
				const [route] = routesOf(schema)
				if (!route) throw new Error('no route')
				const { query, variables, project } = compile(route)
				const document = parse(query)
				expect(validate(schema, document)).toEqual([])
				const result: ExecutionResult = executeSync({ schema, document, variableValues: variables({}, { value }) })
				expect(result.errors).toBeUndefined()
				expect(JSON.stringify(project(result.data?.['echo']))).toBe(JSON.stringify(value))
			}),
			{ numRuns: 300 },
		)
	})

	it('writes documents that the schema accepts', () => {
		for (const route of routesOf(example)) expect(validate(example, parse(compile(route).query))).toEqual([])
	})

	it('asks for no link, no field with arguments and nothing hidden', () => {
		const route = routesOf(example).find(({ field }) => field.name === 'updateWorkspace')
		expect(route && compile(route).query).toBe(
			'mutation updateWorkspace($slug: String!, $input: UpdateWorkspaceInput!) { updateWorkspace(slug: $slug, input: $input) { id name slug description createdAt } }',
		)
	})
})

describe('a route that cannot be', () => {
	const field = (rest: RestExtension, more: object = {}) => {
		const type = new GraphQLObjectType({ name: 'Thing', fields: { id: { type: GraphQLID } } })
		return routesOf(
			new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: { thing: { type, extensions: { rest }, ...more } } }) }),
		)
	}

	it('is refused at the start, with its reason', () => {
		const input = { args: { input: { type: GraphQLString } } }
		expect(() => field({ method: 'GET', path: '/things/:id', isPublic: true })).toThrow('the path /things/:id needs an argument "id"')
		expect(() => field({ method: 'GET', path: '/things', isPublic: true }, input)).toThrow('a GET has no body to fill "input"')
		expect(() => field({ method: 'POST', path: '/things', kind: 'multipart', isPublic: true })).toThrow('a form needs an argument "input"')
		const [missingLink] = field({ method: 'GET', path: '/things', include: ['nope'], isPublic: true })
		expect(() => missingLink && compile(missingLink)).toThrow('include: Thing has no field "nope"')
		const named = new GraphQLInterfaceType({ name: 'Named', fields: { name: { type: GraphQLString } } })
		const [abstract] = field({ method: 'GET', path: '/things', isPublic: true }, { type: named })
		expect(() => abstract && compile(abstract)).toThrow('REST cannot show the abstract type Named')
	})
})
