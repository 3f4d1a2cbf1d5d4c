import { type DocumentNode, type ExecutionResult, type GraphQLSchema, Kind, type OperationDefinitionNode, OperationTypeNode } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context } from '../context.ts'
import { createKept } from '../database/kept.ts'
import type { LimitClass } from '../limits/limits.ts'

interface Options {
	schema: GraphQLSchema
	/** How many statements may have changed something by now. */
	writes: () => number
}

/** An operation of one call, whose answer follows from the rows of the database and from who asks. */
interface Keepable {
	readonly name: string
	readonly limit: LimitClass
}

/** What an answer says of the clock is never older. */
const MAX_AGE_MS = 1_000

/**
 * Answers a query that the same caller asks again with what it was answered, while nothing was written in between: only of fields that are `ofRows`, and
 * only where every write goes through this process. The call still counts for its limits.
 */
export function useKeptAnswers({ schema, writes }: Options): Plugin<Context> {
	const keepable = keepableIn(schema)
	const kept = createKept(writes, MAX_AGE_MS)
	return {
		onExecute({ args, setResultAndStopExecution }) {
			const { viewer, language, spend } = args.contextValue
			const operation = viewer && keepable(args.document, args.operationName)
			if (!operation) return undefined
			const key = `${viewer.id} ${viewer.role} ${language} ${JSON.stringify(args.variableValues ?? {})}`
			const answer = kept.of(operation.name)?.get(key) as ExecutionResult | undefined
			if (answer) {
				return (
					spend(operation.limit)?.then(
						() => setResultAndStopExecution(answer),
						() => undefined, // one call too many: executed, and refused there
					) ?? setResultAndStopExecution(answer)
				)
			}
			const keep = kept.begin(operation.name)
			return {
				onExecuteDone({ result }) {
					if (!(Symbol.asyncIterator in result || result.errors || result.extensions)) keep(key, result)
				},
			}
		},
	}
}

/** Looks at each document once: the same text is the same document again. */
function keepableIn(schema: GraphQLSchema) {
	const known = new WeakMap<DocumentNode, Map<string, Keepable | undefined>>()
	const fields = schema.getQueryType()?.getFields() ?? {}
	let count = 0

	function look(document: DocumentNode, operationName: string): Keepable | undefined {
		const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
		const asked: OperationDefinitionNode | undefined = operationName
			? operations.find(({ name }) => name?.value === operationName)
			: operations[0]
		if (asked?.operation !== OperationTypeNode.QUERY) return undefined
		const [call, another] = asked.selectionSet.selections
		if (call?.kind !== Kind.FIELD || another || call.directives?.length) return undefined
		const { ofRows, limit } = fields[call.name.value]?.extensions ?? {}
		return ofRows && limit ? { name: String(count++), limit } : undefined
	}

	return (document: DocumentNode, operationName: string | null | undefined): Keepable | undefined => {
		const name = operationName ?? ''
		const operations = known.get(document) ?? new Map<string, Keepable | undefined>()
		known.set(document, operations)
		if (!operations.has(name)) operations.set(name, look(document, name))
		return operations.get(name)
	}
}

declare module 'graphql' {
	interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
		/** Of a query: its answer follows from the database's rows, who asks, and at most the clock. */
		ofRows?: boolean
	}
}
