"""What runs when: queue, slots, steps of a job, schedule, recovery."""
