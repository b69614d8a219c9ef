"""Conversions of single files."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.downloads import file_response
from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.inputs import read_body, row_id
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.conversions import ConversionPreviewBody, preview_json, status_json, upload_json
from alchemist_desktop.api.schemas.encoding import JsonResponse, ok
from alchemist_desktop.api.uploads import UploadCodes, receive_part
from alchemist_desktop.domain.conversion import Conversion
from alchemist_desktop.services.conversions import ConversionsService

_CODES = UploadCodes(
    missing="CONVERSION_UPLOAD_FILE_MISSING",
    malformed="CONVERSION_UPLOAD_CHUNK_FAILED",
    too_large="CONVERSION_UPLOAD_LIMIT_EXCEEDED",
    write_failed="CONVERSION_UPLOAD_WRITE_FAILED",
)


class ConversionRoutes:
    """Hand a file in, preview and start its conversion, look at it, fetch the result, remove it."""

    def __init__(self, conversions: ConversionsService) -> None:
        self._conversions = conversions

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("POST", "/conversion/uploads", self.upload, "CONVERSION_JOB_CREATE_FAILED"),
            Endpoint("POST", "/conversion/preview", self.preview, "CONVERSION_PREVIEW_PERSIST_FAILED"),
            Endpoint("POST", "/conversion/jobs/{id}/start", self.start, "JOB_ENQUEUE_FAILED"),
            Endpoint("GET", "/conversion/jobs/{id}", self.status, "CONVERSION_JOB_LOAD_FAILED"),
            Endpoint("DELETE", "/conversion/jobs/{id}", self.delete, "CONVERSION_JOB_DELETE_FAILED"),
            Endpoint("GET", "/conversion/jobs/{id}/download", self.download, "CONVERSION_OUTPUT_OPEN_FAILED"),
        ]

    async def upload(self, request: Request) -> Response:
        max_bytes = await self._conversions.upload_limit_bytes()
        try:
            folder = await asyncio.to_thread(self._conversions.make_upload_folder)
        except OSError as error:
            raise ProblemError(500, "CONVERSION_UPLOAD_DIR_CREATE_FAILED", f"There is no place for the file: {error}.") from error
        conversion: Conversion | None = None
        try:
            upload = folder / "upload.part"
            part = await receive_part(request, upload, max_bytes=max_bytes, codes=_CODES)
            conversion = await self._conversions.accept(upload, part.file_name)
        finally:
            if conversion is None:  # also when the client went away half-way
                await asyncio.shield(self._conversions.discard_upload(folder))
        return JsonResponse(upload_json(conversion))

    async def preview(self, request: Request) -> Response:
        body = await read_body(request, ConversionPreviewBody)
        return JsonResponse(preview_json(await self._conversions.preview_conversion(body.conversion_job_id, body.settings)))

    async def start(self, request: Request) -> Response:
        await self._conversions.start_conversion(row_id(request))
        return ok()

    async def status(self, request: Request) -> Response:
        return JsonResponse(status_json(await self._conversions.conversion_status(row_id(request))))

    async def delete(self, request: Request) -> Response:
        await self._conversions.delete_conversion(row_id(request))
        return ok()

    async def download(self, request: Request) -> Response:
        status = await self._conversions.conversion_status(row_id(request))
        if status.output is None:
            raise ProblemError(404, "CONVERSION_OUTPUT_MISSING", "There is no result to fetch.")
        number = status.conversion.id

        async def note_download() -> None:
            await self._conversions.mark_downloaded(number)

        return await file_response(
            request, status.output, name=status.output.name, media_type="application/octet-stream", on_sent=note_download
        )
