import type { Arrange, Group, Ranked } from '../retrieval/retrieval.ts'
import { areAlike } from './likeness.ts'

export interface Arrangement {
	/** Whether neighbours in a document are one result. */
	join: boolean
	/** Whether those that say the same are one result. */
	fold: boolean
	/** Most results of one document; null for any number. */
	perDocument: number | null
	/** The least score, 0 to 1, in a workspace. */
	leastOf(workspaceId: number): number
}

/** Most chunks of one result: a whole book is no passage. */
const MAX_JOINED = 5

/**
 * Makes results of chunks, from the best to the worst: one that stands beside a result joins it, one that says the same as a result is folded
 * into it, any other is a result of its own. Ends with the first for which there is no room.
 */
export const arrangedBy =
	({ join, fold, perDocument, leastOf }: Arrangement): Arrange =>
	(ranked, limit) => {
		const groups: Group<Ranked>[] = []
		const ofDocument = new Map<number, number>()
		for (const chunk of ranked) {
			if (chunk.score < leastOf(chunk.workspaceId)) continue
			const beside = join ? groups.find((group) => isBeside(group, chunk)) : undefined
			if (beside) {
				beside.joined.push(chunk)
				continue
			}
			const same = fold ? groups.find(({ lead }) => areAlike(lead, chunk)) : undefined
			if (same) {
				same.duplicates.push(chunk)
				continue
			}
			const count = ofDocument.get(chunk.documentId) ?? 0
			if (perDocument !== null && count >= perDocument) continue
			if (groups.length === limit) break
			ofDocument.set(chunk.documentId, count + 1)
			groups.push({ lead: chunk, joined: [], duplicates: [] })
		}
		return groups
	}

/** A chunk may stand between two results, which then stay two: the better one has it. */
function isBeside({ lead, joined }: Group<Ranked>, { documentId, ordinal }: Ranked): boolean {
	if (lead.documentId !== documentId || joined.length + 1 >= MAX_JOINED) return false
	return [lead, ...joined].some((chunk) => Math.abs(chunk.ordinal - ordinal) === 1)
}
