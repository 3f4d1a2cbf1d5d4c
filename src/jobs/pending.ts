/** A subquery for the jobs of a queue that are not done. `queue` and `condition` are SQL; the condition may ask for `data`. */
export const pendingJobsSql = (queue: string, condition: string): string =>
	`SELECT FROM pgboss.job WHERE name = ${queue} AND state < 'completed' AND ${condition}`
