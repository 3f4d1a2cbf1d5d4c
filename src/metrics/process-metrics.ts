import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** The event loop is looked at so often; what it is late is its delay. */
const RESOLUTION_MS = 20

const GC_KINDS: Readonly<Record<number, string>> = {
	[constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
	[constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
	[constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
	[constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
}

/**
 * Processor, memory, event loop and garbage collection, under the names of prom-client's default metrics, for which dashboards exist. Those
 * cannot be stopped once they watch; these can.
 */
export function createProcessMetrics(registry: Registry) {
	const registers = [registry]
	const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
	const startedAt = Date.now() / 1_000 - process.uptime()

	new Gauge({ name: 'process_start_time_seconds', help: 'Start of the process since the epoch.', registers }).set(startedAt)
	const userCpu = new Counter({
		name: 'process_cpu_user_seconds_total',
		help: 'User processor time of all threads.',
		registers,
		collect() {
			const { user, system } = process.cpuUsage()
			setTotal(userCpu, user / 1e6)
			setTotal(systemCpu, system / 1e6)
			setTotal(cpu, (user + system) / 1e6)
		},
	})
	const systemCpu = new Counter({ name: 'process_cpu_system_seconds_total', help: 'System processor time of all threads.', registers })
	const cpu = new Counter({ name: 'process_cpu_seconds_total', help: 'Processor time of all threads.', registers })

	const resident = new Gauge({
		name: 'process_resident_memory_bytes',
		help: 'Resident memory.',
		registers,
		collect() {
			const { rss, heapTotal, heapUsed, external } = process.memoryUsage()
			resident.set(rss)
			heapSize.set(heapTotal)
			heapInUse.set(heapUsed)
			outside.set(external)
		},
	})
	const heapSize = new Gauge({ name: 'nodejs_heap_size_total_bytes', help: 'Heap of the main thread.', registers })
	const heapInUse = new Gauge({ name: 'nodejs_heap_size_used_bytes', help: 'Used heap of the main thread.', registers })
	const outside = new Gauge({ name: 'nodejs_external_memory_bytes', help: 'Memory of objects outside of the heap.', registers })

	const lag = new Gauge({
		name: 'nodejs_eventloop_lag_seconds',
		help: 'Mean delay of the event loop since the last reading.',
		registers,
		collect() {
			lag.set(late(delay.mean))
			longest.set(late(delay.max))
			median.set(late(delay.percentile(50)))
			high.set(late(delay.percentile(99)))
			delay.reset()
		},
	})
	const longest = new Gauge({ name: 'nodejs_eventloop_lag_max_seconds', help: 'Longest delay since the last reading.', registers })
	const median = new Gauge({ name: 'nodejs_eventloop_lag_p50_seconds', help: 'Median delay since the last reading.', registers })
	const high = new Gauge({ name: 'nodejs_eventloop_lag_p99_seconds', help: '99th percentile since the last reading.', registers })
	/** What was measured is the time between two looks. */
	const late = (nanoseconds: number) => (delay.count === 0 ? 0 : Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1e3))

	const collections = new Histogram({
		name: 'nodejs_gc_duration_seconds',
		help: 'Garbage collections of the main thread.',
		labelNames: ['kind'],
		buckets: [0.001, 0.01, 0.1, 1],
		registers,
	})
	const observer = new PerformanceObserver((list) => {
		for (const { duration, detail } of list.getEntries() as (PerformanceEntry & { detail?: unknown })[]) {
			const { kind } = detail as { kind: number }
			collections.observe({ kind: GC_KINDS[kind] ?? 'other' }, duration / 1_000)
		}
	})

	return {
		start(): void {
			delay.enable()
			observer.observe({ entryTypes: ['gc'] })
		},
		stop(): void {
			delay.disable()
			observer.disconnect()
		},
	}
}

function setTotal(counter: Counter, total: number): void {
	counter.reset()
	counter.inc(total)
}
