import { BlockList, isIP, isIPv6 } from 'node:net'

/** Whether a hop names truly who it speaks for. `distance`: how far it is from us, 0 for whoever connected. */
export type Trust = (address: string, distance: number) => boolean

/** Names for networks that are nobody's. */
const NETWORKS: Readonly<Record<string, readonly string[]>> = {
	loopback: ['127.0.0.0/8', '::1'],
	linklocal: ['169.254.0.0/16', 'fe80::/10'],
	uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}

/**
 * Reads whom to believe about `X-Forwarded-For`: a number of hops (`1`), or a list of addresses, networks and the names `loopback`, `linklocal`,
 * `uniquelocal` (`loopback, 203.0.113.0/24`). Undefined for anything else.
 */
export function trustIn(text: string): Trust | undefined {
	if (/^[1-9]\d?$/.test(text)) return (_address, distance) => distance < Number(text)
	const trusted = new BlockList()
	const networks = text.split(',').flatMap((entry) => NETWORKS[entry.trim()] ?? [entry.trim()])
	if (!networks.every((network) => isAdded(trusted, network))) return undefined
	return (address) => isIP(address) !== 0 && trusted.check(address, familyOf(address))
}

function isAdded(list: BlockList, network: string): boolean {
	const [, address = '', bits] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(network) ?? []
	const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
	const prefix = bits === undefined ? most : Number(bits)
	if (prefix < 0 || prefix > most) return false
	list.addSubnet(address, prefix, familyOf(address))
	return true
}

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4')

/**
 * Who a request comes from: the address that connected, or, as long as a hop is trusted, the one that it names. An IPv6 address counts by its
 * network /64, which is the least that one customer gets (RFC 6177).
 */
export function clientOf(peer: string | undefined, forwardedFor: string | null | undefined, trust: Trust | undefined): string {
	let client = plain(peer ?? '')
	const named = trust && forwardedFor ? forwardedFor.split(',') : []
	for (let distance = 0; trust?.(client, distance); distance++) {
		const next = addressIn(named.pop() ?? '')
		if (next === undefined) break
		client = next
	}
	return networkOf(client)
}

/** Proxies write `203.0.113.7`, some with a port, `203.0.113.7:4711`, `[2001:db8::1]:4711`. */
function addressIn(text: string): string | undefined {
	const [, bracketed, before] = /^\s*(?:\[([^\]]*)\](?::\d+)?|(.*?)(?:(?<=\..*):\d+)?)\s*$/.exec(text) ?? []
	const address = plain(bracketed ?? before ?? '')
	return isIP(address) === 0 ? undefined : address
}

/** An IPv4 address that is dressed as IPv6 is what it is. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')

function networkOf(address: string): string {
	if (!isIPv6(address)) return address
	const [front = '', back] = address.replace(/[\d.]+\.\d+$/, '0:0').split('::')
	const groups = (text: string) => text.split(':').filter(Boolean)
	const known = groups(front)
	const rest = groups(back ?? '')
	const all = [...known, ...Array.from({ length: 8 - known.length - rest.length }, () => '0'), ...rest]
	return `${all
		.slice(0, 4)
		.map((group) => Number.parseInt(group, 16).toString(16))
		.join(':')}::/64`
}
