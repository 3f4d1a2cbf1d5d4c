import {
	astFromValue,
	type GraphQLArgument,
	type GraphQLEnumType,
	type GraphQLObjectType,
	type GraphQLOutputType,
	isEnumType,
	isInputObjectType,
	isListType,
	isNonNullType,
	isObjectType,
	isRequiredArgument,
	isScalarType,
	print,
} from 'graphql'
import { AppError } from '../../errors.ts'
import { formReader, jsonReader, textReader } from './arguments.ts'
import type { Read } from './leaves.ts'
import type { Route } from './routes.ts'
import { linkOf, MAX_NODES, nodeOf, shownFields } from './shape.ts'

/** One route, compiled: the operation that asks, what fills its variables, and how its result looks in REST. */
export interface Operation {
	readonly name: string
	readonly query: string
	/**
	 * `texts`: what the path and the query string say, by argument; `body`: what `input` is read from, undefined without a body.
	 * @throws AppError BAD_REQUEST
	 */
	variables(texts: Readonly<Record<string, unknown>>, body: unknown): Record<string, unknown>
	project(result: unknown): unknown
}

/** One event of a stream, as REST shows it. */
export interface ShownEvent {
	readonly event: string
	/** Null where events have none. */
	readonly id: string | null
	readonly data: unknown
}

export function compile({ field, key, include, operation, args, input, kind, events, replay }: Route): Operation {
	const shown = operation === 'subscription' ? eventOutput(events, replay?.id) : rootOutput(field.type, include)
	const readers = args.filter((arg) => arg !== input).map((arg) => ({ ...argumentOf(arg), read: textReader(arg.type) }))
	const body = input && { ...argumentOf(input), read: kind === 'multipart' ? partsReader(input) : jsonReader(input.type) }
	const declared = args.map(declaration).join(', ')
	const filled = [...args.map(({ name }) => `${name}: $${name}`), ...(nodeOf(field.type) ? [`first: ${MAX_NODES}`] : [])].join(', ')
	return {
		name: field.name,
		query: `${operation} ${field.name}${declared && `(${declared})`} { ${field.name}${filled && `(${filled})`}${shown.selection} }`,
		variables(texts, parsedBody) {
			const values: Record<string, unknown> = {}
			for (const { name, isRequired, read } of readers) {
				const value = texts[name]
				if (value !== undefined) values[name] = read(value, name)
				else if (isRequired) throw new AppError('missingField', { at: name })
			}
			if (body && (parsedBody !== undefined || body.isRequired)) values[body.name] = body.read(parsedBody ?? {}, '')
			return values
		},
		project: key === undefined ? shown.project : (result) => ({ [key]: shown.project(result) }),
	}
}

const argumentOf = (arg: GraphQLArgument) => ({ name: arg.name, isRequired: isRequiredArgument(arg) })

function partsReader({ name, type }: GraphQLArgument): Read {
	const parts = isNonNullType(type) ? type.ofType : type
	if (!isInputObjectType(parts)) throw new Error(`a form cannot fill ${name}: ${type}`)
	return formReader(parts)
}

/** `$page: Int = 1` for an argument `page: Int! = 1`: a variable that must be given would make the default useless. */
function declaration({ name, type, defaultValue }: GraphQLArgument): string {
	if (defaultValue === undefined) return `$${name}: ${type}`
	const node = astFromValue(defaultValue, type)
	return `$${name}: ${isNonNullType(type) ? type.ofType : type}${node ? ` = ${print(node)}` : ''}`
}

// ---- results

type Project = (value: unknown) => unknown

/** One walk makes both the text that asks for a value and the function that shows it, so the two cannot disagree. */
interface Output {
	readonly selection: string
	readonly project: Project
}

const unchanged: Project = (value) => value

/** Shows {@link ShownEvent}s. */
function eventOutput(events: Route['events'], id: string | undefined): Output {
	const shapes = [...events].map(([event, type]) => ({ event, type, ...object(type, []) }))
	const byType = new Map(shapes.map((shape) => [shape.type.name, shape]))
	return {
		selection: ` { __typename ${shapes.map(({ type, selection }) => `... on ${type}${selection}`).join(' ')} }`,
		project(value): ShownEvent {
			const { __typename: name, ...fields } = value as { __typename: string; [name: string]: unknown }
			const shape = byType.get(name)
			if (!shape) throw new Error(`an event of the unknown type ${name}`)
			return { event: shape.event, id: id === undefined ? null : String(fields[id]), data: shape.project(fields) }
		},
	}
}

function rootOutput(type: GraphQLOutputType, include: readonly string[] = []): Output {
	const node = nodeOf(type)
	return node ? connection(object(node, include)) : output(type, include)
}

function output(type: GraphQLOutputType, include: readonly string[] = []): Output {
	if (isNonNullType(type)) return output(type.ofType, include)
	if (isListType(type)) return list(output(type.ofType, include))
	if (isObjectType(type)) return object(type, include)
	if (isEnumType(type)) return { selection: '', project: nullable(enumValue(type)) }
	if (isScalarType(type)) return { selection: '', project: type.name === 'ID' ? nullable(numericId) : unchanged }
	throw new Error(`REST cannot show the abstract type ${type}`)
}

function list({ selection, project }: Output): Output {
	return { selection, project: project === unchanged ? unchanged : nullable((items) => (items as unknown[]).map(project)) }
}

function object(type: GraphQLObjectType, include: readonly string[]): Output {
	const outputs: [name: string, output: Output, isIfAny?: true | undefined][] = shownFields(type).map((field) => [
		field.name,
		output(field.type),
		field.extensions.restIfAny,
	])
	for (const name of include) outputs.push([name, included(type, name)])
	if (outputs.length === 0) return { selection: ' { __typename }', project: nullable(() => ({})) }
	// field by field into a plain object: the executor's have no prototype, and spreading such a one takes ten times as long
	const project: Project = (value) => {
		const shown: Record<string, unknown> = {}
		for (const [name, { project }, isIfAny] of outputs) {
			const field = (value as Record<string, unknown>)[name]
			if (!isIfAny || field != null) shown[name] = project(field)
		}
		return shown
	}
	return {
		selection: ` { ${outputs.map(([name, { selection }]) => name + selection).join(' ')} }`,
		project: outputs.every(([, { project }, isIfAny]) => project === unchanged && !isIfAny) ? unchanged : nullable(project),
	}
}

function included(parent: GraphQLObjectType, name: string): Output {
	const { type } = linkOf(parent, name)
	const node = nodeOf(type)
	if (!node) return output(type)
	const { selection, project } = connection(object(node, []))
	return { selection: `(first: ${MAX_NODES})${selection}`, project }
}

function connection({ selection, project }: Output): Output {
	return {
		selection: ` { edges { node${selection} } }`,
		project: nullable((value) => {
			const { edges } = value as { edges: readonly ({ node: unknown } | null)[] | null }
			return (edges ?? []).flatMap((edge) => (edge?.node == null ? [] : [project(edge.node)]))
		}),
	}
}

/** REST shows an enum's internal value (`admin`, `document.uploaded`), which is what services and the database say too. */
function enumValue(type: GraphQLEnumType): Project {
	const values = new Map<unknown, unknown>(type.getValues().map(({ name, value }) => [name, value]))
	return (name) => values.get(name)
}

function numericId(value: unknown): number {
	const id = Number(value)
	if (!Number.isSafeInteger(id)) throw new Error(`an ID that is no number: ${JSON.stringify(value)}`)
	return id
}

const nullable =
	(project: Project): Project =>
	(value) =>
		value == null ? null : project(value)
