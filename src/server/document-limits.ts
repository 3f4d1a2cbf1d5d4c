import {
	type ArgumentNode,
	type DocumentNode,
	type ExecutionArgs,
	type FieldNode,
	type FragmentDefinitionNode,
	GraphQLError,
	type GraphQLField,
	type GraphQLNamedType,
	type GraphQLSchema,
	getNamedType,
	isInterfaceType,
	isObjectType,
	Kind,
	type OperationDefinitionNode,
	type SelectionSetNode,
	validate,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { AppError } from '../errors.ts'

/**
 * Of a client's document, fragments followed. The introspection query of GraphiQL has some 300 fields; the deepest document that
 * asks for all lists of all workspaces has 11 levels.
 */
const DOCUMENT_LIMITS = {
	/** graphql-js looks for the line of each error from the first character on. */
	characters: 65_536,
	lines: 5_000,
	tokens: 4_000,
	definitions: 100,
	depth: 15,
	fields: 1_000,
	aliases: 50,
	directives: 50,
	/** Fields of one place in the answer: graphql-js compares each with each. */
	repeats: 50,
	/** Things that its lists may show, by their `first`, `last` and `limit`. */
	nodes: 50_000,
} as const
type Limit = keyof typeof DOCUMENT_LIMITS

/** Errors told of a document that cannot be validated. */
const MAX_ERRORS = 10
/** Of a connection that is asked for without `first` and `last`. */
const DEFAULT_SIZE = 20
/** No list shows more at once. */
const MAX_SIZE = 1_000

/** Documents longer than that are read anew each time: kept, a thousand of them would fill the memory. */
const MAX_KEPT = 16_384

/** What Yoga keeps of parsed documents; nothing of what cannot be parsed. */
export function documentCaches() {
	const kept = new Map<string, DocumentNode>()
	return {
		documentCache: {
			get: (text: string) => kept.get(text),
			set(text: string, document: DocumentNode) {
				if (text.length > MAX_KEPT) return
				const [oldest] = kept.size >= 1_000 ? kept.keys() : []
				if (oldest !== undefined) kept.delete(oldest)
				kept.set(text, document)
			},
		},
		errorCache: { get: () => undefined, set: () => undefined },
	}
}

interface Options {
	schema: GraphQLSchema
	/** Whether a document is one of ours. */
	isTrusted: (text: string) => boolean
}

/**
 * Refuses documents that cost more to read, to validate or to answer than a client's documents need. What it looks at, it looks at once,
 * and gives up at the first limit, so a hostile document costs less than an honest one.
 */
export function useDocumentLimits({ schema, isTrusted }: Options): Plugin {
	const measured = new WeakMap<DocumentNode, ReadonlyMap<OperationDefinitionNode, Lists>>()

	/** @throws AppError BAD_REQUEST when the lists of the operation could show too much. */
	function tooManyNodes({ document, operationName, variableValues }: ExecutionArgs): AppError | undefined {
		for (const [operation, lists] of measured.get(document) ?? []) {
			const isAsked = !operationName || operation.name?.value === operationName
			if (isAsked && nodesOf(lists, variableValues ?? {}) > DOCUMENT_LIMITS.nodes) return exceeded('nodes')
		}
		return undefined
	}

	return {
		onParse({ params, parseFn, setParseFn }) {
			const text = String(params.source)
			if (isTrusted(text)) return undefined
			const problem = lengthProblem(text)
			setParseFn((source, options) => {
				if (problem) throw asGraphQLError(problem)
				return parseFn(source, { ...options, maxTokens: DOCUMENT_LIMITS.tokens })
			})
			return ({ result, replaceParseResult }) => {
				if (!isDocument(result) || measured.has(result)) return
				try {
					measured.set(result, measure(result, schema))
				} catch (error) {
					if (!(error instanceof AppError)) throw error
					replaceParseResult(asGraphQLError(error))
				}
			}
		},
		onValidate({ setValidationFn }) {
			setValidationFn((schema, document, rules) => validate(schema, document, rules, { maxErrors: MAX_ERRORS }))
		},
		onExecute({ args, setResultAndStopExecution }) {
			const problem = tooManyNodes(args)
			if (problem) setResultAndStopExecution({ errors: [asGraphQLError(problem)] })
		},
		onSubscribe({ args, setResultAndStopExecution }) {
			const problem = tooManyNodes(args)
			if (problem) setResultAndStopExecution({ errors: [asGraphQLError(problem)] } as never)
		},
	}
}

const exceeded = (of: Limit): AppError => new AppError('documentLimit', { of: NAMES[of] ?? of, max: DOCUMENT_LIMITS[of] })
/** What an error calls them, where that is another word. */
const NAMES: Partial<Record<Limit, string>> = { depth: 'levels', repeats: 'fields of one name', nodes: 'nodes of lists' }
const asGraphQLError = (error: AppError): GraphQLError =>
	new GraphQLError(error.message, { originalError: error, extensions: error.extensions })
const isDocument = (result: unknown): result is DocumentNode => typeof result === 'object' && result !== null && 'definitions' in result

function lengthProblem(text: string): AppError | undefined {
	if (text.length > DOCUMENT_LIMITS.characters) return exceeded('characters')
	let lines = 1
	for (let at = text.search(/[\r\n]/); at >= 0; at = nextLine(text, at + 1)) if (++lines > DOCUMENT_LIMITS.lines) return exceeded('lines')
	return undefined
}

function nextLine(text: string, from: number): number {
	const [newline, carriage] = [text.indexOf('\n', from), text.indexOf('\r', from)]
	return newline < 0 || carriage < 0 ? Math.max(newline, carriage) : Math.min(newline, carriage)
}

type Variables = Readonly<Record<string, unknown>>
type Lists = readonly List[]
interface List {
	size: (variables: Variables) => number
	inner: Lists
}

function nodesOf(lists: Lists, variables: Variables): number {
	return lists.reduce((sum, { size, inner }) => sum + size(variables) * (1 + nodesOf(inner, variables)), 0)
}

/** A place in the answer: how often it is asked for, and what is below. */
interface Place {
	count: number
	readonly below: Map<string, Place>
}

/** @returns the lists of each operation. @throws AppError BAD_REQUEST at the first limit. */
function measure({ definitions }: DocumentNode, schema: GraphQLSchema): Map<OperationDefinitionNode, Lists> {
	const counts = { definitions: definitions.length, fields: 0, aliases: 0, directives: 0 }
	const count = (what: keyof typeof counts, more = 1) => {
		counts[what] += more
		if (counts[what] > DOCUMENT_LIMITS[what]) throw exceeded(what)
	}
	count('definitions', 0)
	const fragments = new Map<string, FragmentDefinitionNode>()
	for (const definition of definitions) if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
	const unused = new Set(fragments.keys())

	function walk(set: SelectionSetNode, type: GraphQLNamedType | undefined, depth: number, place: Place): Lists {
		if (depth > DOCUMENT_LIMITS.depth) throw exceeded('depth')
		return set.selections.flatMap((selection) => {
			count('directives', selection.directives?.length ?? 0)
			count('fields')
			if (selection.kind === Kind.FIELD) return field(selection, type, depth, place)
			if (selection.kind === Kind.INLINE_FRAGMENT) {
				const condition = selection.typeCondition ? schema.getType(selection.typeCondition.name.value) : type
				return walk(selection.selectionSet, condition, depth, place)
			}
			const fragment = fragments.get(selection.name.value)
			if (!fragment) return []
			unused.delete(fragment.name.value)
			return walk(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value), depth, place)
		})
	}

	function field(node: FieldNode, parent: GraphQLNamedType | undefined, depth: number, place: Place): Lists {
		if (node.alias) count('aliases')
		const key = (node.alias ?? node.name).value
		const here = place.below.get(key) ?? { count: 0, below: new Map() }
		place.below.set(key, here)
		if (++here.count > DOCUMENT_LIMITS.repeats) throw exceeded('repeats')
		if (!node.selectionSet) return []
		const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined
		// graphql-js has a rule of its own for the depth of introspection
		const below = node.name.value.startsWith('__') ? Number.NEGATIVE_INFINITY : depth + 1
		const inner = walk(node.selectionSet, definition && getNamedType(definition.type), below, here)
		const size = definition && sizeOf(node, definition)
		return size ? [{ size, inner }] : inner
	}

	const lists = new Map<OperationDefinitionNode, Lists>()
	for (const definition of definitions) {
		count('directives', 'directives' in definition ? (definition.directives?.length ?? 0) : 0)
		if (definition.kind !== Kind.OPERATION_DEFINITION) continue
		lists.set(definition, walk(definition.selectionSet, schema.getRootType(definition.operation) ?? undefined, 1, newPlace()))
	}
	for (const name of unused) {
		const fragment = fragments.get(name)
		if (fragment) walk(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value), 1, newPlace())
	}
	return lists
}

const newPlace = (): Place => ({ count: 0, below: new Map() })
const SIZES = ['first', 'last', 'limit']

/** How many things a field may show; undefined when it is no list with an argument for that. */
function sizeOf({ arguments: given = [] }: FieldNode, { args }: GraphQLField<unknown, unknown>): List['size'] | undefined {
	const sized = args.filter(({ name }) => SIZES.includes(name))
	if (sized.length === 0) return undefined
	const fallback = Number(sized.find(({ defaultValue }) => defaultValue !== undefined)?.defaultValue ?? DEFAULT_SIZE)
	const asked = given.filter(({ name }) => SIZES.includes(name.value))
	return (variables) => {
		const size = asked.map((argument) => numberIn(argument, variables)).find((number) => number !== undefined) ?? fallback
		return Math.min(Math.max(size, 0), MAX_SIZE) // the field refuses what is out of range in its own words
	}
}

function numberIn({ value }: ArgumentNode, variables: Variables): number | undefined {
	if (value.kind === Kind.INT) return Number(value.value)
	const given = value.kind === Kind.VARIABLE ? variables[value.name.value] : undefined
	return typeof given === 'number' ? given : undefined
}
