/** Of the dashboard, in its address: it never changes. */
export const DASHBOARD_UID = 'portarium-enforcement';
