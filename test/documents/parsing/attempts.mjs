import { spawn, spawnSync } from 'node:child_process'
import dgram from 'node:dgram'
import dns from 'node:dns'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import net, { connect } from 'node:net'

/**
 * What the process that reads files can still do, once its own program runs in it, and as its server starts it. Laid into its inbox, beside `given.json`,
 * which names that program and what to try; prints what was refused, and what was done.
 */
const { program, port, file, outside } = JSON.parse(readFileSync(new URL('given.json', import.meta.url), 'utf8'))
await import(program)

const attempts = {
	connect: () => connect(port, '127.0.0.1'),
	socket: () => new net.Socket().connect(port, '127.0.0.1'),
	listen: () => net.createServer().listen(0),
	datagram: () => dgram.createSocket('udp4').send('x', port, '127.0.0.1'),
	name: () => dns.lookup('localhost', () => {}),
	fetch: () => fetch(`http://127.0.0.1:${port}`),
	'common object': () => Object.assign(Object.prototype, { polluted: true }),
	process: () => spawn('true'),
	'process at once': () => spawnSync(process.execPath, ['-e', '']).error && refuse(),
	'native code': () => process.dlopen({ exports: {} }, '/lib/x.node'),
	'read outside': () => readFileSync('/etc/hostname'),
	'write outside': () => writeFileSync(outside, 'x'),
	'change of the file': () => appendFileSync(file, 'x'),
	'3 GB': () => Buffer.alloc(3e9, 1),
}

function refuse() {
	throw new Error('refused')
}

for (const [what, attempt] of Object.entries(attempts)) {
	try {
		await attempt()
		process.stdout.write(`${what} done\n`)
	} catch {
		process.stdout.write(`${what} refused\n`)
	}
}
process.exit()
