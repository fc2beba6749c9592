"""The HTTP application of one process: the routes of the roles it plays."""

from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from api.bootstrap import Services
from api.errors import add_error_handlers
from api.interface.document import describe
from api.language import Languages
from api.pressure import Pressure
from api.routes import (
    account,
    account_settings,
    api_docs,
    audit,
    behind,
    benchmarks,
    calculator,
    calculator_pages,
    calendar,
    call_load,
    call_load_pages,
    calls,
    channel_rules,
    channels,
    collect,
    comparisons,
    contractors,
    conversions,
    costs,
    customers,
    data_health,
    dealers,
    definitions,
    experiments,
    files,
    forwarding,
    fund_activities,
    fund_pages,
    fund_programme_pages,
    funds,
    funnel,
    ga4,
    hiring,
    hooks,
    inbox,
    inbox_pages,
    journeys,
    keys,
    models,
    noise,
    notices,
    numbers,
    odata,
    opportunities,
    overview,
    performance,
    posthog,
    recommendation_pages,
    recommendations,
    reference,
    rejection_pages,
    rejections,
    reports,
    response_curves,
    segment,
    sign_in,
    single_sign_on,
    snowplow,
    sources,
    stock,
    stock_pages,
    tracker,
    users,
    view_pages,
    views,
    visits,
)  # fmt: skip
from api.routes.media import calendar_pages, marketing_calendar, media_money, media_plans
from api.routes.media import pages as media_pages
from api.routes.plans import approval_pages, plans, process_pages
from api.routes.plans import approvals as plan_approvals
from api.routes.plans import basis_pages as plan_basis_pages
from api.routes.plans import cells as plan_cells
from api.routes.plans import definitions as plan_definitions
from api.routes.plans import files as plan_files
from api.routes.plans import forecasts as plan_forecasts
from api.routes.plans import import_pages as plan_import_pages
from api.routes.plans import imports as plan_imports
from api.routes.plans import pages as plan_pages
from api.routes.plans import process as plan_process
from api.routes.plans import reports as plan_reports
from api.routes.plans import service as plan_service
from api.routes.settings import account as account_pages
from api.routes.settings import channel_rules as channel_rule_pages
from api.routes.settings import contractors as contractor_pages
from api.routes.settings import definitions as definition_pages
from api.routes.settings import front
from api.routes.settings import keys as key_pages
from api.routes.settings import reference as reference_pages
from api.routes.settings import users as user_pages
from api.routes.work import act_pages, brief_pages, task_pages
from api.routes.work import acts as work_acts
from api.routes.work import briefs as work_briefs
from api.routes.work import tasks as work_tasks
from api.security import SecurityHeaders
from api.unknown_address import add_unknown_address


class Role(StrEnum):
    COLLECTOR = "collector"
    LOADER = "loader"
    WORKER = "worker"
    WEB = "web"
    SCHEDULER = "scheduler"


_TAKING_THREADS = 32  # most of them wait for the disk, and share its commits
EVERY_ROLE = frozenset(Role)


def create_app(services: Services, roles: frozenset[Role] = EVERY_ROLE) -> FastAPI:
    app = FastAPI(
        title="Closed Loop",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.openapi = partial(describe, app)  # type: ignore[method-assign]
    app.state.services = services
    app.state.taking = ThreadPoolExecutor(_TAKING_THREADS, "taking")
    app.add_middleware(
        Pressure,
        most_requests=services.environment.max_requests,
        most_bytes=max(services.environment.max_pending_mb, services.environment.max_body_mb + 1) * 1024**2,
    )
    app.add_middleware(Languages)
    app.add_middleware(SecurityHeaders, https=services.environment.public_url.startswith("https:"))
    add_error_handlers(app)
    app.include_router(reports.health)
    if Role.COLLECTOR in roles:
        app.include_router(collect.router)
        app.include_router(rejections.router)
        app.include_router(hooks.router)
        app.include_router(tracker.router)
        for client in (segment, posthog, ga4, snowplow):
            app.include_router(client.router)
    if Role.WEB in roles:
        add_unknown_address(app)
        app.include_router(reports.router)
        app.include_router(behind.router)
        app.include_router(comparisons.router)
        for part in (stock, stock_pages, hiring, benchmarks):
            app.include_router(part.router)
        for part in (hiring, benchmarks):
            app.include_router(part.pages)
        app.include_router(experiments.router)
        app.include_router(definitions.router)
        app.include_router(account_settings.router)
        app.include_router(channel_rules.router)
        app.include_router(opportunities.router)
        app.include_router(calls.router)
        app.include_router(funnel.router)
        app.include_router(funnel.pages)
        app.include_router(performance.router)
        app.include_router(performance.pages)
        app.include_router(journeys.router)
        app.include_router(journeys.pages)
        app.include_router(numbers.router)
        app.include_router(conversions.router)
        app.include_router(models.router)
        app.include_router(costs.router)
        app.include_router(forwarding.router)
        app.include_router(visits.router)
        app.include_router(noise.router)
        app.include_router(notices.router)
        app.include_router(overview.router)
        app.include_router(channels.router)
        app.include_router(sources.router)
        app.include_router(sources.pages)
        app.include_router(rejection_pages.router)
        app.include_router(data_health.router)
        app.include_router(data_health.pages)
        app.include_router(data_health.own_pages)
        app.include_router(overview.pages)
        app.include_router(dealers.pages)
        app.include_router(contractors.router)
        app.include_router(contractors.pages)
        app.include_router(visits.pages)
        app.include_router(customers.router)
        app.include_router(customers.pages)
        app.include_router(sign_in.router)
        app.include_router(single_sign_on.router)
        app.include_router(account.router)
        app.include_router(api_docs.router)
        app.include_router(audit.router)
        app.include_router(audit.pages)
        app.include_router(reference.router)
        app.include_router(users.router)
        app.include_router(keys.router)
        for page in (
            front,
            account_pages,
            channel_rule_pages,
            reference_pages,
            contractor_pages,
            definition_pages,
            user_pages,
            key_pages,
        ):
            app.include_router(page.router)
        app.include_router(files.router)
        app.include_router(funds.router)
        app.include_router(fund_activities.router)
        app.include_router(fund_pages.router)
        app.include_router(fund_programme_pages.router)
        for work in (work_briefs, work_tasks, work_acts, brief_pages, task_pages, act_pages):
            app.include_router(work.router)
        app.include_router(call_load.router)
        app.include_router(call_load_pages.router)
        app.include_router(response_curves.router)
        app.include_router(response_curves.pages)
        app.include_router(views.router)
        app.include_router(view_pages.router)
        for media_routes in (marketing_calendar, media_money, media_plans, media_pages, calendar_pages):
            app.include_router(media_routes.router)
        for plan_routes in (
            plan_definitions,
            plan_service,
            plan_forecasts,
            plan_process,
            plan_approvals,
            plans,
            plan_cells,
            plan_reports,
            plan_files,
            plan_imports,
            plan_import_pages,
            process_pages,
            approval_pages,
            plan_basis_pages,
            plan_pages,
        ):
            app.include_router(plan_routes.router)
        app.include_router(plan_forecasts.pages)
        app.include_router(calculator.router)
        app.include_router(calculator_pages.router)
        app.include_router(recommendations.router)
        app.include_router(recommendation_pages.router)
        app.include_router(calendar.router)
        app.include_router(inbox.router)
        app.include_router(inbox_pages.router)
        app.include_router(odata.router)
        app.mount("/static/swagger", StaticFiles(packages=[("fastapi_offline", "static")]), name="swagger")
        app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    return app
