import {
  accessRuleAdd,
  accessRuleRemove,
  accessRules,
  accessRulesBack,
  accessRulesPage,
} from '#src/slack/actions/access-rules.ts'
import {
  bindingsPage,
  bindingsShow,
  bindingUnlink,
  confirmBindingButton,
  removeBindingButton,
} from '#src/slack/actions/bindings.ts'
import { approveTask, rejectTask } from '#src/slack/actions/decide-task.ts'
import { extendButton, keepDisabledButton } from '#src/slack/actions/end-of-disable.ts'
import { lookAtSystemsAgain } from '#src/slack/actions/iam-systems.ts'
import { severalPeople } from '#src/slack/actions/several-people.ts'
import { findPerson } from '#src/slack/actions/find-person.ts'
import {
  localGroupMenu,
  localGroupsAdd,
  localGroupsBack,
  localGroupsPage,
  localGroupsPick,
  localGroupsPickPage,
  localGroupsSearch,
} from '#src/slack/actions/local-groups.ts'
import {
  localBatchCancel,
  localBatchDetails,
  localBatchFailures,
  localBatchShow,
  localUserMenu,
  localUsersAdd,
  localUsersBack,
  localUsersBatches,
  localUsersExport,
  localUsersFilter,
  localImportStart,
  localUsersImport,
  localUsersMany,
  localUsersPage,
  localUsersPick,
  localUsersPickPage,
  localUsersSearch,
  localUsersSettings,
} from '#src/slack/actions/local-users.ts'
import {
  deactivateInstead,
  disableAgain,
  disablePerson,
  enablePerson,
  resetPerson,
  retryFailed,
  signOutPerson,
  taskMenu,
  viewTask,
} from '#src/slack/actions/task-buttons.ts'
import {
  tasksExport,
  tasksFilter,
  tasksPage,
  tasksRequester,
  tasksSearch,
} from '#src/slack/actions/task-list.ts'
import { disableUser } from '#src/slack/commands/disable-user.ts'
import { enableUser } from '#src/slack/commands/enable-user.ts'
import { forcePasswordReset } from '#src/slack/commands/force-password-reset.ts'
import { forceSignOut } from '#src/slack/commands/force-sign-out.ts'
import { iamSystems } from '#src/slack/commands/iam-systems.ts'
import { localGroups } from '#src/slack/commands/local-groups.ts'
import { localUsers } from '#src/slack/commands/local-users.ts'
import { tasks } from '#src/slack/commands/tasks.ts'
import { userStatus } from '#src/slack/commands/user-status.ts'
import { disableInMessageShortcut } from '#src/slack/shortcuts/disable-in-message.ts'
import { disableUserShortcut } from '#src/slack/shortcuts/disable-user.ts'
import { enableInMessageShortcut } from '#src/slack/shortcuts/enable-in-message.ts'
import {
  homeAgain,
  homeDisable,
  homeEnable,
  homeLocalGroups,
  homeLocalUsers,
  homeSystems,
  homeTasks,
} from '#src/slack/home/actions.ts'
import { homeOpened } from '#src/slack/home/opened.ts'
import { extendModal } from '#src/slack/modals/extend-disable.ts'
import { approveTaskModal, rejectTaskModal } from '#src/slack/modals/decide-task.ts'
import {
  disableUserModal,
  enableUserModal,
  forcePasswordResetModal,
  forceSignOutModal,
} from '#src/slack/modals/task-form.ts'
import {
  disableFoundModal,
  enableFoundModal,
  resetFoundModal,
  signOutFoundModal,
} from '#src/slack/modals/people-found.ts'
import {
  disablePeopleModal,
  enablePeopleModal,
  resetPeopleModal,
  signOutPeopleModal,
} from '#src/slack/modals/people-form.ts'
import { accessRuleModal } from '#src/slack/modals/access-rules.ts'
import {
  localGroupDeleteModal,
  localGroupModal,
  localGroupsModal,
  localMembersModal,
} from '#src/slack/modals/local-groups.ts'
import { localFactorsResetModal } from '#src/slack/modals/local-factors.ts'
import { localImportCheckModal, localImportModal } from '#src/slack/modals/local-import.ts'
import {
  localGroupsDeleteModal,
  localGroupsPickModal,
  localUsersDeleteModal,
  localUsersPickModal,
} from '#src/slack/modals/local-pick.ts'
import { localSettingsModal } from '#src/slack/modals/local-settings.ts'
import {
  localUserAddModal,
  localUserDeleteModal,
  localUserDescribeModal,
  localUsersManyModal,
  localUsersModal,
} from '#src/slack/modals/local-users.ts'
import { fileShared } from '#src/slack/shared-file.ts'
import { tasksModal } from '#src/slack/modals/task-list.ts'

/** Everything that Slack can send us something about; one line each. */
export const listeners = [
  homeOpened,
  fileShared,
  localImportStart,
  homeAgain,
  homeDisable,
  homeEnable,
  homeTasks,
  homeLocalUsers,
  homeLocalGroups,
  homeSystems,
  disableUser,
  enableUser,
  forcePasswordReset,
  forceSignOut,
  userStatus,
  tasks,
  iamSystems,
  localUsers,
  localGroups,
  disableInMessageShortcut,
  enableInMessageShortcut,
  disableUserShortcut,
  disableUserModal,
  enableUserModal,
  forcePasswordResetModal,
  forceSignOutModal,
  disablePeopleModal,
  enablePeopleModal,
  resetPeopleModal,
  signOutPeopleModal,
  disableFoundModal,
  enableFoundModal,
  resetFoundModal,
  signOutFoundModal,
  extendModal,
  approveTaskModal,
  rejectTaskModal,
  tasksModal,
  localUsersModal,
  localUserAddModal,
  localUserDescribeModal,
  localUserDeleteModal,
  localFactorsResetModal,
  localUsersManyModal,
  localUsersPickModal,
  localUsersDeleteModal,
  localGroupsPickModal,
  localGroupsDeleteModal,
  localSettingsModal,
  localImportModal,
  localImportCheckModal,
  localGroupsModal,
  localGroupModal,
  localGroupDeleteModal,
  localMembersModal,
  accessRuleModal,
  findPerson,
  severalPeople,
  approveTask,
  rejectTask,
  confirmBindingButton,
  removeBindingButton,
  bindingsShow,
  bindingsPage,
  bindingUnlink,
  retryFailed,
  disableAgain,
  deactivateInstead,
  extendButton,
  keepDisabledButton,
  taskMenu,
  viewTask,
  disablePerson,
  enablePerson,
  resetPerson,
  signOutPerson,
  tasksSearch,
  tasksFilter,
  tasksRequester,
  tasksPage,
  tasksExport,
  lookAtSystemsAgain,
  localUsersSearch,
  localUsersFilter,
  localUsersPage,
  localUsersAdd,
  localUsersMany,
  localUsersPick,
  localUsersPickPage,
  localUsersSettings,
  localUsersImport,
  localUsersBatches,
  localUserMenu,
  localUsersBack,
  localBatchShow,
  localBatchCancel,
  localBatchDetails,
  localBatchFailures,
  localUsersExport,
  localGroupsSearch,
  localGroupsPage,
  localGroupsAdd,
  localGroupsBack,
  localGroupsPick,
  localGroupsPickPage,
  localGroupMenu,
  accessRules,
  accessRulesPage,
  accessRulesBack,
  accessRuleAdd,
  accessRuleRemove,
]
