import OpenAI from 'openai'
import { impatientFetch } from './impatient-fetch.ts'

interface Options {
	apiKey: string | undefined
	/** Of a compatible server; OpenAI's own when absent. */
	baseUrl: string | undefined
	/** Of a request before its first frame; the wait is the provider's `Retry-After` or grows from 0.5 s. */
	maxRetries: number
	/** Milliseconds. */
	timeout: number
}

/** OpenAI, or whoever speaks the same. Every setting is given: the SDK would read what is missing from the environment. */
export const openAIClient = ({ apiKey, baseUrl, ...options }: Options): OpenAI =>
	new OpenAI({
		apiKey: apiKey || 'none',
		baseURL: baseUrl || 'https://api.openai.com/v1',
		organization: null,
		project: null,
		logLevel: 'off',
		fetch: impatientFetch,
		...options,
	})
