import Negotiator from 'negotiator'
import { remembered } from './remembered.ts'

/**
 * Chooses among types, ours first where the client likes several alike: the one that an `Accept` prefers, undefined when it takes none.
 * A client that does not say takes any.
 */
export function typesFor<Type extends string>(...offered: readonly [Type, ...Type[]]): (accept: string | null) => Type | undefined {
	const preferred = remembered((accept) => ({ type: new Negotiator({ headers: { accept } }).mediaType(offered) as Type | undefined }))
	return (accept) => (accept ? preferred(accept).type : offered[0])
}
