import Negotiator from 'negotiator'
import type { Language } from '../errors.ts'
import { remembered } from './remembered.ts'

/** The language for a caller, by `Accept-Language`: Chinese, unless the header prefers English to it. */
export const languageOf = (acceptLanguage: string | null): Language => (acceptLanguage === null ? 'zh' : preferredIn(acceptLanguage))

const preferredIn = remembered((header): Language => {
	const negotiator = new Negotiator({ headers: { 'accept-language': header } })
	return negotiator.language(['zh', 'en']) === 'en' ? 'en' : 'zh'
})
