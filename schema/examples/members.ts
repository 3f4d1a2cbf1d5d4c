const member = { userId: 2, username: 'newuser', role: 'editor', createdAt: '2024-01-01T00:00:00.000Z' }

export const members = {
	memberPage: { title: '获取成员列表', data: { members: [member], pagination: { page: 1, limit: 1000, total: 1, pages: 1 } } },
	workspaceMember: { title: '获取成员', data: { member } },
	addMember: { title: '添加成员', request: { username: 'newuser', role: 'editor' }, data: { member } },
	updateMember: { title: '更改成员角色', request: { role: 'viewer' }, data: { member: { ...member, role: 'viewer' } } },
	removeMember: { title: '移除成员', data: {} },
}
