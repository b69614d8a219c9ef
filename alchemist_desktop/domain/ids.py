"""Names for the integers that identify rows, so that they cannot be mixed up."""

from typing import NewType

JobId = NewType("JobId", int)
ProfileId = NewType("ProfileId", int)
WatchDirId = NewType("WatchDirId", int)
AttemptId = NewType("AttemptId", int)
UserId = NewType("UserId", int)
TokenId = NewType("TokenId", int)
TrashId = NewType("TrashId", int)
NotificationTargetId = NewType("NotificationTargetId", int)
