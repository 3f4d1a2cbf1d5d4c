import {
	buildSchema,
	type GraphQLField,
	type GraphQLInputType,
	getNamedType,
	isCompositeType,
	isEnumType,
	isInputObjectType,
	isInterfaceType,
	isListType,
	isNonNullType,
	isObjectType,
	isRequiredArgument,
	isRequiredInputField,
	isSpecifiedScalarType,
	parse,
	printSchema,
	validate,
	validateSchema,
} from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { schema } from '../../schema/index.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { graphql } from '../support/surfaces.ts'
import { heard, transports } from '../support/transports.ts'

const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'))
const roots = { query: schema.getQueryType(), mutation: schema.getMutationType(), subscription: schema.getSubscriptionType() }
const rootFields = Object.entries(roots).flatMap(([operation, type]) =>
	Object.values(type?.getFields() ?? {}).map((field) => ({ operation, field, name: field.name })),
)
/** What needs no token. */
const PUBLIC = ['login']

describe('the schema', () => {
	it('prints, and what it prints is the same schema again', () => {
		const printed = printSchema(schema)
		const built = buildSchema(printed)
		expect(validateSchema(built)).toEqual([])
		expect(printSchema(built)).toBe(printed)
	})

	it('describes every type, field, argument, input field and enum value', () => {
		const silent: string[] = []
		const check = (coordinate: string, { description }: { description?: string | null | undefined }) => {
			if (!description?.trim()) silent.push(coordinate)
		}
		for (const type of types) {
			check(type.name, type)
			if (isEnumType(type)) for (const value of type.getValues()) check(`${type}.${value.name}`, value)
			if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue
			for (const field of Object.values(type.getFields())) {
				check(`${type}.${field.name}`, field)
				for (const arg of 'args' in field ? field.args : []) check(`${type}.${field.name}(${arg.name})`, arg)
			}
		}
		expect(silent).toEqual([])
	})

	it('follows the habits of GraphQL: names, ids, results of mutations', () => {
		for (const type of types) {
			if (isEnumType(type)) for (const { name } of type.getValues()) expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/)
			if (isInputObjectType(type)) expect(type.name).toMatch(/Input$/)
			if (isSpecifiedScalarType(type) || !isObjectType(type)) continue
			const { id } = type.getFields()
			if (id) expect(String(id.type)).toMatch(/^(ID|ThreadID|RunID|String)!$/)
		}
		for (const field of Object.values(roots.mutation?.getFields() ?? {})) expect(getNamedType(field.type).name).toMatch(/Payload$/)
	})

	it('has a root field of each kind', () => {
		expect(rootFields.length).toBeGreaterThan(15)
		expect(new Set(rootFields.map(({ operation }) => operation))).toEqual(new Set(['query', 'mutation', 'subscription']))
	})
})

describe('without a token', () => {
	let app: TestApp
	beforeAll(async () => {
		app = await bootApp()
	})
	afterAll(() => app.end())

	const asked = rootFields.filter(({ name }) => !PUBLIC.includes(name))

	it.each(asked.filter(({ operation }) => operation !== 'subscription'))(
		'the $operation $name answers UNAUTHENTICATED',
		async ({ operation, field }) => {
			const { query, variables } = leastOf(operation, field)
			const reply = await graphql(app, query, variables)
			expect(reply).toMatchObject({ code: 'UNAUTHENTICATED', error: expect.stringContaining('请先登录') })
			expect(reply.data ?? null).toBeNull()
		},
	)

	it.each(asked.filter(({ operation }) => operation === 'subscription'))(
		'the subscription $name answers UNAUTHENTICATED',
		async ({ operation, field }) => {
			const { query, variables } = leastOf(operation, field)
			for (const transport of transports)
				expect(await heard(transport.follow(app, query, variables))).toMatchObject({ events: [], code: 'UNAUTHENTICATED' })
		},
	)

	it('the schema can be read', async () => {
		const { data } = await graphql(app, '{ __schema { queryType { name } types { name } } }')
		expect(data.queryType.name).toBe('Query')
		expect(data.types.length).toBeGreaterThan(30)
	})

	it('no more than that is public', async () => {
		for (const { name, field, operation } of rootFields.filter(({ name }) => PUBLIC.includes(name))) {
			const { query, variables } = leastOf(operation, field)
			expect((await graphql(app, query, variables)).error, name).not.toContain('请先登录')
		}
	})
})

/** The least that asks for a field: what it requires, filled with something of the type. */
function leastOf(
	operation: string,
	{ name, args, type }: GraphQLField<unknown, unknown>,
): { query: string; variables: Record<string, unknown> } {
	const required = args.filter(isRequiredArgument)
	const declared = required.map((arg) => `$${arg.name}: ${arg.type}`).join(', ')
	const filled = required.map((arg) => `${arg.name}: $${arg.name}`).join(', ')
	const selection = isCompositeType(getNamedType(type)) ? ' { __typename }' : ''
	const query = `${operation}${declared && ` (${declared})`} { ${name}${filled && `(${filled})`}${selection} }`
	expect(validate(schema, parse(query))).toEqual([])
	return { query, variables: Object.fromEntries(required.map((arg) => [arg.name, something(arg.type)])) }
}

function something(type: GraphQLInputType): unknown {
	if (isNonNullType(type)) return something(type.ofType)
	if (isListType(type)) return [something(type.ofType)]
	if (isEnumType(type)) return type.getValues()[0]?.name
	if (isInputObjectType(type)) {
		const required = Object.values(type.getFields()).filter(isRequiredInputField)
		return Object.fromEntries(required.map((field) => [field.name, something(field.type)]))
	}
	const samples: Record<string, unknown> = {
		Int: 1,
		Float: 1,
		Boolean: true,
		ID: '1',
		ThreadID: 'thread-1',
		RunID: 'run-1',
		DateTime: '2024-01-01T00:00:00.000Z',
		JSONObject: {},
		File: new File(['text'], 'a.txt'),
	}
	return type.name in samples ? samples[type.name] : 'long enough for a password'
}
