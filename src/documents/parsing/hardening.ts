import dgram from 'node:dgram'
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

/**
 * What Node's permission model leaves open: no connection goes out of this process, none comes in, and a document cannot change what all objects
 * have in common, and with it how the next document is read.
 */
export function harden(): void {
	const refuse = (): never => {
		throw Object.assign(new Error('no network for parsers'), { code: 'ERR_ACCESS_DENIED' })
	}
	net.Socket.prototype.connect = refuse
	net.Server.prototype.listen = refuse
	dgram.Socket.prototype.bind = refuse
	dgram.Socket.prototype.connect = refuse
	dgram.Socket.prototype.send = refuse
	dns.lookup = refuse as unknown as typeof dns.lookup
	dns.resolve = refuse as unknown as typeof dns.resolve
	syncBuiltinESMExports()
	for (const { prototype } of [Object, Array, String, Number, Boolean, Function, RegExp, Map, Set, Promise, Error, Uint8Array]) {
		Object.preventExtensions(prototype)
	}
}
