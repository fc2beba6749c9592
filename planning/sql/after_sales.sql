-- name: service_months
-- By dealer and month: requests for service, visits that began as requests and that did not, cars sold, due, and brought?
-- Months are the account's, counted from year 0. A request is of the month it came in, a visit and a car of the month of
-- their sale. A car is due every interval after its sale, and was brought where its buyer's visit without a request lies
-- within two months of that. Due are told from two months before `first` on, up to two months before `until`.
with
of_dealers as (
    select
        toString(dealer) as dealer, person, has_lead,
        toYear(day) * 12 + toMonth(day) - 1 as asked_in,
        toDate(toTimeZone(assumeNotNull(seen_at[7]), {timezone:String})) as sold_on,
        toInt32(toYear(sold_on) * 12 + toMonth(sold_on) - 1) as sold_in,
        is_service or kind in {service_kinds:Array(String)} as of_service,
        kind in {service_kinds:Array(String)} and state = 'sold' as was_serviced,
        kind in {car_kinds:Array(String)} and state = 'sold' as was_car
    from opportunities_of_run(run = {run:UInt32})
    where dealer != '' and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
),
visits as (
    select dealer, person, groupArray(sold_in) as months
    from of_dealers
    where was_serviced and not has_lead
    group by dealer, person
),
due as (
    select
        dealer, person,
        arrayJoin(arrayFilter(
            month -> month >= {first:Int32} - 2 and month < {until:Int32} - 2,
            arrayMap(
                turn -> toInt32(sold_in + turn * transform(
                    dealer, {dealers:Array(String)}, {intervals:Array(Int32)}, {usual:Int32})),
                range(1, 121)
            )
        )) as month
    from of_dealers
    where was_car
),
each as (
    select dealer, toInt32(asked_in) as month, 1 as leads, 0 as from_leads, 0 as direct, 0 as cars, 0 as due, 0 as came
    from of_dealers where of_service and has_lead
    union all
    select dealer, sold_in, 0, has_lead, not has_lead, 0, 0, 0 from of_dealers where was_serviced
    union all
    select dealer, sold_in, 0, 0, 0, 1, 0, 0 from of_dealers where was_car
    union all
    select due.dealer, due.month, 0, 0, 0, 0, 1, arrayExists(at -> abs(at - due.month) <= 2, visits.months)
    from due
    left join visits on due.dealer = visits.dealer and due.person = visits.person
)
select
    dealer, month as month_number, sum(leads) as leads, sum(from_leads) as from_leads, sum(direct) as direct,
    sum(cars) as cars, sum(due) as due, sum(came) as came
from each
group by dealer, month_number
order by dealer, month_number
