const admin = {
	id: 1,
	username: 'admin',
	role: 'admin',
	createdAt: '2024-01-01T00:00:00.000Z',
	lastLogin: '2024-01-01T12:00:00.000Z',
}
const user = { id: 2, username: 'newuser', role: 'user', createdAt: '2024-01-01T00:00:00.000Z', lastLogin: null }

export const users = {
	userPage: { title: '获取用户列表', data: { users: [admin], pagination: { page: 1, limit: 1000, total: 1, pages: 1 } } },
	user: { title: '获取用户详情', data: { user } },
	createUser: {
		title: '创建用户',
		request: { username: 'newuser', password: 'securepassword', role: 'user' },
		data: { user },
	},
	updateUser: {
		title: '更新用户',
		request: { username: 'updateduser', role: 'user', password: 'newpassword' },
		data: { user: { ...user, username: 'updateduser' } },
	},
	deleteUser: { title: '删除用户', data: {} },
}
