import type { Plugin } from 'graphql-yoga'
import type { KeyedCall } from '../idempotency/idempotency.ts'
import type { Incoming } from './calls.ts'

/** Of calls with an Idempotency-Key: keeps how they were answered, and gives it again, marked with a header. */
export function useFirstAnswers(): Plugin<{ once?: KeyedCall }, Incoming & { once?: KeyedCall }> {
	return {
		onExecute({ args }) {
			const { once } = args.contextValue
			if (!once) return undefined
			return {
				async onExecuteDone({ result, setResult }) {
					if (Symbol.asyncIterator in result || result.errors || !result.data || once.field === undefined) return
					if (once.firstAnswer === undefined) await once.keep(result.data[once.field])
					else setResult({ ...result, data: { ...result.data, [once.field]: once.firstAnswer } })
				},
			}
		},
		onResponse({ response, serverContext: { res, once } }) {
			if (!once?.isRepeated) return
			if (res) res.setHeader(REPLAYED, 'true')
			else response.headers.set(REPLAYED, 'true')
		},
	}
}

const REPLAYED = 'idempotency-replayed'
