import { describe, expect, it } from 'vitest'
import { clientOf, trustIn } from '../../src/limits/addresses.ts'

const PEER = '198.51.100.1'

describe('an address', () => {
	it('is the one that connected when nobody is trusted, whatever it says', () => {
		for (const forwarded of [null, '', '203.0.113.7', '127.0.0.1, 10.0.0.1', 'unknown'])
			expect(clientOf(PEER, forwarded, undefined)).toBe(PEER)
	})

	it('of IPv6 is its network of 64 bits', () => {
		const network = '2001:db8:0:1::/64'
		for (const address of ['2001:db8:0:1::1', '2001:db8:0:1:ffff:ffff:ffff:ffff', '2001:0DB8:0000:0001:0:0:0:1', '2001:db8:0:1::192.0.2.1'])
			expect(clientOf(address, null, undefined), address).toBe(network)
		expect(clientOf('2001:db8:0:2::1', null, undefined)).not.toBe(network)
		expect(clientOf('::1', null, undefined)).toBe('0:0:0:0::/64')
		expect(clientOf('fe80::1%eth0', null, undefined)).toBe('fe80:0:0:0::/64')
	})

	it('of IPv4 is itself, dressed as IPv6 or not', () => {
		expect(clientOf('::ffff:203.0.113.7', null, undefined)).toBe('203.0.113.7')
	})

	it('is empty where nobody connected', () => {
		expect(clientOf(undefined, '203.0.113.7', undefined)).toBe('')
	})
})

describe('TRUST_PROXY', () => {
	it('as a number believes that many hops, counted from us', () => {
		const forwarded = '192.0.2.66, 203.0.113.7, 10.0.0.1'
		expect(clientOf(PEER, forwarded, trustIn('1'))).toBe('10.0.0.1')
		expect(clientOf(PEER, forwarded, trustIn('2'))).toBe('203.0.113.7')
		expect(clientOf(PEER, '203.0.113.7', trustIn('2'))).toBe('203.0.113.7')
		expect(clientOf(PEER, null, trustIn('2'))).toBe(PEER)
		expect(clientOf(undefined, '203.0.113.7', trustIn('1'))).toBe('203.0.113.7')
	})

	it('as addresses believes those, and the first other one is the client', () => {
		const trust = trustIn('198.51.100.1, 10.0.0.0/8,2001:db8::/32')
		expect(clientOf(PEER, '192.0.2.66, 203.0.113.7, 10.9.9.9', trust)).toBe('203.0.113.7')
		expect(clientOf(PEER, '203.0.113.7, 2001:db8::5', trust)).toBe('203.0.113.7')
		expect(clientOf('198.51.100.2', '203.0.113.7', trust)).toBe('198.51.100.2')
		expect(clientOf('::ffff:198.51.100.1', '203.0.113.7', trust)).toBe('203.0.113.7')
	})

	it('knows networks by name', () => {
		expect(clientOf('127.0.0.1', '203.0.113.7', trustIn('loopback'))).toBe('203.0.113.7')
		expect(clientOf('::1', '203.0.113.7', trustIn('loopback'))).toBe('203.0.113.7')
		expect(clientOf('172.17.0.2', '203.0.113.7, 192.168.1.1', trustIn('uniquelocal'))).toBe('203.0.113.7')
		expect(clientOf('172.32.0.2', '203.0.113.7', trustIn('uniquelocal'))).toBe('172.32.0.2')
		expect(clientOf('fe80::9', '203.0.113.7', trustIn('linklocal'))).toBe('203.0.113.7')
	})

	it('reads entries with a port, and stops at what is no address', () => {
		const trust = trustIn('1')
		expect(clientOf(PEER, '203.0.113.7:4711', trust)).toBe('203.0.113.7')
		expect(clientOf(PEER, '[2001:db8:0:1::9]:4711', trust)).toBe('2001:db8:0:1::/64')
		expect(clientOf(PEER, ' 2001:db8:0:1::9 ', trust)).toBe('2001:db8:0:1::/64')
		for (const odd of ['unknown', '_hidden', '', ',', '203.0.113.7, ', '999.1.1.1', '1.2.3.4.5', '[]', 'x'.repeat(5_000)])
			expect(clientOf(PEER, odd, trust), odd).toBe(PEER)
	})

	it('is refused when it is neither', () => {
		const wrong = ['true', '0', '-1', '100', '1.5', '10.0.0.0/33', '2001:db8::/129', '10.0.0', 'loopback,', '*', '10.0.0.1;10.0.0.2']
		for (const text of wrong) expect(trustIn(text), text).toBeUndefined()
	})
})
