import { AppError } from '../errors.ts'

/** Who answers, or who embeds. */
export interface Provider {
	provider: string
	/** Undefined: the provider's default. */
	model: string | undefined
	apiKey: string | undefined
	/** Undefined: the vendor's own address. */
	baseUrl: string | undefined
}

/** A provider as it is set now. */
export interface SetProvider extends Provider {
	/** A key is stored that does not open: it was sealed under another SETTINGS_KEY. */
	isLocked: boolean
}

/** What a request says of a provider: an absent field stays, null clears. */
export type Change = { [Field in keyof Provider]: string | null | undefined }

/**
 * What a change makes of a provider, undefined when it says nothing, null when it gives it back to the environment. Another provider takes nothing
 * along, another address no key: a key goes nowhere but where it was meant to go.
 */
export function changed(current: SetProvider, first: Provider, change: Change): SetProvider | null | undefined {
	if (Object.values(change).every((value) => value === undefined)) return undefined
	if (change.provider === null && Object.values(change).every((value) => value == null)) return null
	const base = change.provider === null ? { ...first, isLocked: false } : current
	const provider = change.provider ?? base.provider
	const isSame = provider === base.provider
	const baseUrl = given(change.baseUrl, isSame ? base.baseUrl : undefined)
	const isThere = isSame && baseUrl === base.baseUrl
	return {
		provider,
		model: given(change.model, isSame ? base.model : undefined),
		apiKey: given(change.apiKey, isThere ? base.apiKey : undefined),
		baseUrl,
		isLocked: change.apiKey === undefined && isThere && base.isLocked,
	}
}

const given = (value: string | null | undefined, before: string | undefined): string | undefined =>
	value === undefined ? before : (value ?? undefined)

/** @throws AppError UNPROCESSABLE for what is no address of an API: `http(s)://host/path`, without a password, a query or a fragment. */
export function requireBaseUrl(baseUrl: string | undefined, at: string): void {
	if (baseUrl === undefined) return
	const url = URL.parse(baseUrl)
	if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash || /[?#]$/.test(baseUrl))
		throw new AppError('badBaseUrl', { at })
}

const MASK = '********'
/** Of a shorter key nothing is shown. */
const MIN_SHOWN = 16

/** What is shown of a key: its last four characters, of a short one none. */
export function mask(apiKey: string | undefined): string | null {
	if (apiKey === undefined) return null
	return MASK + (apiKey.length < MIN_SHOWN ? '' : apiKey.slice(-4))
}

/** What is shown of a key and comes back unchanged leaves the key. @throws AppError UNPROCESSABLE for what another key would be shown as. */
export function unmasked(apiKey: string | null | undefined, current: SetProvider, at: string): string | null | undefined {
	if (!apiKey?.startsWith(MASK)) return apiKey
	if (apiKey === shownKey(current)) return undefined
	throw new AppError('maskedKey', { at })
}

export const shownKey = ({ apiKey, isLocked }: SetProvider): string | null => (isLocked ? MASK : mask(apiKey))
