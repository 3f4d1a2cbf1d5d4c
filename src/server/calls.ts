import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Auth } from '../auth/auth.ts'
import type { Call } from '../context.ts'
import { clientOf, type Trust } from '../limits/addresses.ts'
import type { LimitClass, Standing } from '../limits/limits.ts'
import type { Surface } from '../metrics/metrics.ts'
import { languageOf } from './language.ts'

/** What the HTTP edge knows of a request before anybody else, handed down as Yoga's server context. */
export interface Incoming {
	requestId?: string
	/** As `performance.now()` has it. */
	startedAt?: number
	/** Undefined: a page, or nothing that is there. */
	surface?: Surface
	/** Of REST, as in `GET /workspaces/:slug`. */
	route?: string
	/** Whether the metrics have it. */
	isCounted?: boolean
	/** Where it stands with each class of limits that it has touched. */
	touched?: ReadonlyMap<LimitClass, Standing>
	/** Node's, where the request came over a socket. */
	req?: IncomingMessage
	res?: ServerResponse
}

/** The client's own id where it is a harmless one, else a new one. */
export const requestIdOf = (sent: string | null | undefined): string => (sent && /^[\w.-]{1,64}$/.test(sent) ? sent : randomUUID())

/** Who calls and how: read from the headers once, for GraphQL and REST alike. */
export async function callOf(request: Request, { requestId, req }: Incoming, auth: Auth, trust: Trust | undefined): Promise<Call> {
	const token = tokenOf(request.headers.get('authorization'))
	return {
		viewer: token === null ? null : await auth.authenticate(token),
		hasToken: token !== null,
		language: languageOf(request.headers.get('accept-language')),
		requestId: requestIdOf(requestId),
		address: clientOf(req?.socket.remoteAddress, request.headers.get('x-forwarded-for'), trust),
		idempotencyKey: request.headers.get('idempotency-key'),
		signal: request.signal,
	}
}

/** Of `Bearer <token>`; null when nothing of the kind was sent. */
export function tokenOf(header: string | null): string | null {
	const [, token] = /^Bearer +([^\s,]+) *$/i.exec(header ?? '') ?? []
	return token ?? null
}
