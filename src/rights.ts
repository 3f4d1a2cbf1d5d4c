import type { Viewer } from './auth/auth.ts'
import { AppError } from './errors.ts'

interface Caller {
	readonly viewer: Viewer | null
	/** Whether a token came, valid or not. */
	readonly hasToken: boolean
}

/** What a caller is: anyone is `public`, whoever is signed in `user`, admins `admin`. */
export const scopesOf = ({ viewer }: Pick<Caller, 'viewer'>) => ({ public: true, user: viewer !== null, admin: viewer?.role === 'admin' })

/** Why somebody may not call: UNAUTHENTICATED or FORBIDDEN. */
export const refusalOf = ({ viewer, hasToken }: Caller): AppError =>
	new AppError(viewer ? 'forbidden' : hasToken ? 'badToken' : 'notSignedIn')
