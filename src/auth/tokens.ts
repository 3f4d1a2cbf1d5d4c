import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'

/** Issuer and audience of every token. */
const PARTY = 'anythingllm-api'

/** What a token says: whose it is and which session it belongs to. */
export interface Claims {
	userId: number
	sessionId: string
}

export interface Tokens {
	sign(claims: Claims, expiresAt: Date): Promise<string>
	/** Null for anything that is not a valid token of ours: forged, expired, of another algorithm, not yet valid. */
	read(token: string): Promise<Claims | null>
}

const Payload = z.object({ sub: z.coerce.number().pipe(z.int32()), sid: z.uuid() })

/** HS256 with the given key. */
export function createTokens(secret: string): Tokens {
	const key = new TextEncoder().encode(secret)
	return {
		sign: ({ userId, sessionId }, expiresAt) =>
			new SignJWT({ sid: sessionId })
				.setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
				.setSubject(String(userId))
				.setIssuer(PARTY)
				.setAudience(PARTY)
				.setIssuedAt()
				.setExpirationTime(expiresAt)
				.sign(key),
		async read(token) {
			try {
				const { payload } = await jwtVerify(token, key, {
					algorithms: ['HS256'],
					issuer: PARTY,
					audience: PARTY,
					requiredClaims: ['exp', 'sub'],
				})
				const claims = Payload.safeParse(payload)
				return claims.success ? { userId: claims.data.sub, sessionId: claims.data.sid } : null
			} catch (error) {
				if (error instanceof errors.JOSEError) return null
				throw error
			}
		},
	}
}

/** The key in the data directory, made at the first start and readable by its owner alone. */
export async function loadOrMakeSecret(directory: string, name: string): Promise<string> {
	const file = path.join(directory, name)
	try {
		await writeFile(file, randomBytes(48).toString('base64url'), { flag: 'wx', mode: 0o600 })
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
	}
	return (await readFile(file, 'utf8')).trim()
}
