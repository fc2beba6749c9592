-- name: service_months
-- By dealer and month: requests for service, service visits that began as requests and those that did not, and cars sold?
-- Months are the account's. A request is of the month it came in, a visit and a car of the month of their sale.
with
of_dealers as (
    select
        dealer, has_lead, state, kind,
        toStartOfMonth(day) as asked_in,
        toStartOfMonth(toDate(toTimeZone(assumeNotNull(seen_at[7]), {timezone:String}))) as sold_in,
        is_service or kind in {service_kinds:Array(String)} as of_service,
        kind in {service_kinds:Array(String)} and state = 'sold' as was_serviced,
        kind in {car_kinds:Array(String)} and state = 'sold' as was_car
    from opportunities_of_run(run = {run:UInt32})
    where dealer != '' and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
),
each as (
    select dealer, asked_in as month, 1 as leads, 0 as from_leads, 0 as direct, 0 as cars
    from of_dealers where of_service and has_lead
    union all
    select dealer, sold_in, 0, has_lead, not has_lead, 0 from of_dealers where was_serviced
    union all
    select dealer, sold_in, 0, 0, 0, 1 from of_dealers where was_car
)
select
    toString(dealer) as dealer, toYear(month) * 12 + toMonth(month) - 1 as month_number, sum(leads) as leads,
    sum(from_leads) as from_leads, sum(direct) as direct, sum(cars) as cars
from each
group by dealer, month_number
order by dealer, month_number
