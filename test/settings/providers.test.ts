import { expect, it } from 'vitest'
import { type Change, changed, mask, requireBaseUrl, type SetProvider, unmasked } from '../../src/settings/providers.ts'

const first = { provider: 'extractive', model: undefined, apiKey: undefined, baseUrl: undefined }
const current: SetProvider = {
	provider: 'openai',
	model: 'gpt-x',
	apiKey: 'sk-0123456789abcdef',
	baseUrl: 'http://localhost:1/v1',
	isLocked: false,
}
const change = (given: Partial<Change>) =>
	changed(current, first, { provider: undefined, model: undefined, apiKey: undefined, baseUrl: undefined, ...given })

it('changes what is given and keeps the rest', () => {
	expect(change({})).toBeUndefined()
	expect(change({ model: 'gpt-y' })).toEqual({ ...current, model: 'gpt-y' })
	expect(change({ model: null })).toEqual({ ...current, model: undefined })
	expect(change({ apiKey: 'another' })).toEqual({ ...current, apiKey: 'another' })
	expect(change({ provider: 'openai', baseUrl: current.baseUrl ?? null })).toEqual(current)
})

it('takes nothing of one provider along to another', () => {
	expect(change({ provider: 'anthropic' })).toEqual({ ...first, provider: 'anthropic', isLocked: false })
	expect(change({ provider: 'anthropic', apiKey: 'k' })).toEqual({ ...first, provider: 'anthropic', apiKey: 'k', isLocked: false })
})

it('takes no key along to another address', () => {
	for (const baseUrl of ['http://elsewhere:1/v1', null]) expect(change({ baseUrl })?.apiKey).toBeUndefined()
	expect(change({ baseUrl: 'http://elsewhere:1/v1', apiKey: 'its own' })?.apiKey).toBe('its own')
	expect(change({ baseUrl: 'http://elsewhere:1/v1' })?.model).toBe('gpt-x')
})

it('gives a provider that is cleared back to the environment', () => {
	expect(change({ provider: null })).toBeNull()
	expect(change({ provider: null, apiKey: null })).toBeNull()
	expect(change({ provider: null, model: 'm' })).toEqual({ ...first, model: 'm', isLocked: false })
})

it('shows four characters of a key at most, of a short one none', () => {
	expect(mask(undefined)).toBeNull()
	expect(mask('short-key-15chr')).toBe('********')
	expect(mask('a-key-of-sixteen')).toBe('********teen')
})

it('takes its own mask for no change, and another one for no key', () => {
	expect(unmasked('********cdef', current, 'llmApiKey')).toBeUndefined()
	expect(unmasked('sk-new', current, 'llmApiKey')).toBe('sk-new')
	expect(unmasked(null, current, 'llmApiKey')).toBeNull()
	for (const other of ['********', '********9999']) expect(() => unmasked(other, current, 'llmApiKey')).toThrow(/not a key/)
})

it.each(['http://localhost:11434/v1', 'https://api.example.com', 'http://[::1]:8080/v1/', 'https://例子.测试/v1'])(
	'takes %s for an address',
	(url) => {
		expect(() => requireBaseUrl(url, 'llmBaseUrl')).not.toThrow()
	},
)

it.each([
	'localhost:11434',
	'ftp://example.com',
	'file:///etc/passwd',
	'javascript:alert(1)',
	'http://',
	'http://user:password@example.com/v1',
	'http://example.com/v1?key=abc',
	'http://example.com/v1?',
	'http://example.com/v1#',
])('takes %s for no address', (url) => {
	expect(() => requireBaseUrl(url, 'llmBaseUrl')).toThrow(/an address/)
})
