"""Figures of groups of people (MIX.md 3 and 4): nothing about fewer than k people, alone or by reckoning (law 9).

A person *contributes* to a calendar month (contribution). Teams are joined into *blocks* (blocks). What a block has of
a kind is published as a *row*, and follows what people do only when that tells nobody's own figure (following); a row
is split by source, role, place and rule as far as every part stays large (cuts), and told as quartiles where it is
larger still (quartiles). When statements are read by other rules, all modes of a block go over to these at once, or
wait (switching). One *release* after another of a month is made of these (release), and every answer about a
group, whatever its form, is a sum of whole rows (group).

Why that is safe, for any number of releases, whoever reckons with all of them. What nobody else knows is, per person
and figure, each value that it has had in what was published. Take any sum of published numbers, each with a factor.
Among the numbers whose factor is not 0, look at those of the last release. It was published only because, in each part
that it was cut into, at least k people have a value that no earlier release held; and one release tells of a person in
one part only. So these k people's values have a factor that nothing cancels. (The exceptions are `left_together` in
following, parting, and dividing: each says why it is safe itself.)
"""
