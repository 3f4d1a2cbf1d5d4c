import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Call } from '../context.ts'
import { AppError } from '../errors.ts'
import { LIMIT_CLASSES, type LimitClass, type Limits, type Spend, type Standing, WINDOW_SECONDS } from '../limits/limits.ts'
import type { Incoming } from './calls.ts'
import { rootFields } from './root-fields.ts'

/** Counts for one request: by the user, where somebody is signed in; signing in by the address. */
export function spender(limits: Limits, { viewer, address }: Pick<Call, 'viewer' | 'address'>, touched: Map<LimitClass, Standing>): Spend {
	return (limit) => {
		const caller = viewer && limit !== 'auth' ? `user:${viewer.id}` : address
		return limits.spend(limit, caller)?.then((standing) => {
			touched.set(limit, standing)
			if (standing.isOver) throw new AppError('rateLimited', { limit, quota: standing.quota, seconds: standing.resetSeconds })
		})
	}
}

/** Shows the limits in headers, and counts what no resolver of the schema's answers: a look at the schema itself. */
export function useLimits(): Plugin<{ spend?: Spend }, Incoming> {
	return {
		async onExecute({ args, setResultAndStopExecution }) {
			const fields = new Set(rootFields(args.document, args.operationName).values())
			if (!fields.has('__schema') && !fields.has('__type')) return
			try {
				await args.contextValue.spend?.('default')
			} catch (error) {
				if (!(error instanceof AppError)) throw error
				setResultAndStopExecution({ data: null, errors: [new GraphQLError(error.message, { originalError: error })] })
			}
		},
		onResponse({ response, serverContext: { res, touched } }) {
			if (!touched?.size) return
			for (const [name, value] of headersOf(touched))
				if (res) res.setHeader(name, value)
				else response.headers.set(name, value)
		},
	}
}

/** draft-ietf-httpapi-ratelimit-headers-10: `q` calls in `w` seconds, of which `r` remain for another `t`. */
function headersOf(touched: ReadonlyMap<LimitClass, Standing>): [name: string, value: string][] {
	const each = (show: (standing: Standing) => string) =>
		LIMIT_CLASSES.flatMap((limit) => {
			const standing = touched.get(limit)
			return standing ? [`"${limit}";${show(standing)}`] : []
		}).join(', ')
	return [
		['ratelimit-policy', each(({ quota }) => `q=${quota};w=${WINDOW_SECONDS}`)],
		['ratelimit', each(({ remaining, resetSeconds }) => `r=${remaining};t=${resetSeconds}`)],
	]
}

/** When to try again, in seconds; undefined for an error that is none of a limit. */
export const retryAfterOf = (error: AppError): number | undefined => (isRateLimited(error) ? error.params[0].seconds : undefined)

const isRateLimited = (error: AppError): error is AppError<'rateLimited'> => error.problem === 'rateLimited'
