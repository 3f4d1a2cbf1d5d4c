import dgram from 'node:dgram'
import dns from 'node:dns'
import net, { connect } from 'node:net'
import { harden } from '../../../src/documents/parsing/hardening.ts'

/** What a hardened process can still do: `node attempts.ts <port>` prints what was refused, and how. */
const port = Number(process.argv[2])
harden()

const attempts: Record<string, () => unknown> = {
	connect: () => connect(port, '127.0.0.1'),
	socket: () => new net.Socket().connect(port, '127.0.0.1'),
	listen: () => net.createServer().listen(0),
	datagram: () => dgram.createSocket('udp4').send('x', port, '127.0.0.1'),
	name: () => dns.lookup('localhost', () => {}),
	fetch: () => fetch(`http://127.0.0.1:${port}`),
	'common object': () => Object.assign(Object.prototype, { polluted: true }),
}
for (const [what, attempt] of Object.entries(attempts)) {
	try {
		await attempt()
		process.stdout.write(`${what} done\n`)
	} catch {
		process.stdout.write(`${what} refused\n`)
	}
}
