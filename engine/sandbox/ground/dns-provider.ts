/** Where the zone of the application's name can be. */
export type DnsProvider = 'cloudflare' | 'route53';
