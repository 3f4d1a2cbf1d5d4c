import { expect, it } from 'vitest'
import { createCircuit } from '../../src/reranking/circuit.ts'

it('leaves alone what failed three times in a row; one asks again after a while', () => {
	let now = 0
	const circuit = createCircuit({ failures: 3, openMs: 1_000, now: () => now })
	for (let time = 1; time <= 3; time++) {
		expect(circuit.mayAsk()).toBe(true)
		circuit.failed()
	}
	expect(circuit.mayAsk()).toBe(false)
	now = 1_000
	expect(circuit.mayAsk()).toBe(true)
	expect(circuit.mayAsk()).toBe(false)
	circuit.failed()
	now = 1_999
	expect(circuit.mayAsk()).toBe(false)
	now = 2_001
	expect(circuit.mayAsk()).toBe(true)
	circuit.succeeded()
	expect([circuit.mayAsk(), circuit.mayAsk()]).toEqual([true, true])
})

it('goes on when it fails now and then', () => {
	const circuit = createCircuit({ failures: 2 })
	for (let time = 0; time < 5; time++) {
		circuit.failed()
		expect(circuit.mayAsk()).toBe(true)
		circuit.succeeded()
	}
})
