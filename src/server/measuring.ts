import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { publicError } from '../errors.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Incoming } from './calls.ts'
import { STATUS } from './rest/status.ts'
import { rootFields } from './root-fields.ts'

/** Where no field or route was reached: the request cannot be read, or there is none of that name. */
export const NO_OPERATION = 'none'

/**
 * Counts and times what clients ask for: over REST a request by its route, over GraphQL (on sockets too) each root field that it asks for,
 * however often, by the first error that the field had.
 */
export function useMeasuring(metrics: Metrics): Plugin<Incoming, Incoming> {
	function count(call: Incoming, operation: string, status: string): void {
		const { surface = 'graphql', startedAt = performance.now() } = call
		call.isCounted = true
		metrics.request({ surface, operation, status, seconds: (performance.now() - startedAt) / 1_000 })
	}

	function countFields(args: ExecutionArgs, result: ExecutionResult): void {
		const fields = rootFields(args.document, args.operationName)
		for (const [operation, status] of statuses(fields, result.errors ?? [])) count(args.contextValue as Incoming, operation, status)
	}

	return {
		onExecute({ args }) {
			if ((args.contextValue as Incoming).surface === 'rest') return undefined
			return { onExecuteDone: ({ result }) => (Symbol.asyncIterator in result ? undefined : countFields(args, result)) }
		},
		onSubscribe({ args }) {
			let following: (() => void)[] = []
			const end = () => {
				for (const isOver of following) isOver()
			}
			return {
				onSubscribeResult({ result }) {
					const { surface = 'graphql' } = args.contextValue as Incoming
					if (surface !== 'rest') countFields(args, Symbol.asyncIterator in result ? {} : result) // REST's are counted when they are answered
					if (!(Symbol.asyncIterator in result)) return
					following = [...rootFields(args.document, args.operationName).values()].map((field) => metrics.following(surface, field))
					return { onEnd: end }
				},
				onSubscribeError: end, // a stream that breaks has no end
			}
		},
		onResultProcess({ result, serverContext }) {
			if (serverContext.isCounted || Array.isArray(result) || !('errors' in result)) return
			const [error] = result.errors ?? []
			if (error) count(serverContext, NO_OPERATION, codeOf(error))
		},
		onResponse({ response, serverContext }) {
			const { surface, isCounted, route } = serverContext
			if (surface === 'rest') count(serverContext, route ?? NO_OPERATION, String(response.status))
			else if (surface && !isCounted) count(serverContext, NO_OPERATION, response.headers.get('x-error-code') ?? String(response.status))
		},
	}
}

/** Of each field once. An error without a path is the whole request's. */
function statuses(fields: ReadonlyMap<string, string>, errors: readonly GraphQLError[]): Map<string, string> {
	const found = new Map<string, string>()
	for (const [key, field] of fields) {
		const error = errors.find(({ path }) => path === undefined || path[0] === key)
		if (error || !found.has(field)) found.set(field, error ? codeOf(error) : 'OK')
	}
	return found
}

/** As the caller sees it. */
export function codeOf(error: GraphQLError): string {
	const { code } = error.extensions
	if (typeof code === 'string' && Object.hasOwn(STATUS, code)) return code
	let cause: unknown = error
	while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError
	return cause instanceof GraphQLError ? 'BAD_REQUEST' : publicError(cause).code
}
