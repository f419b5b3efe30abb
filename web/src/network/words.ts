import { m } from '../lib/i18n'

export function providerStatus(status: string): string {
  const names: Record<string, () => string> = {
    PROVIDER_STATUS_ACTIVE: m.network_active,
    PROVIDER_STATUS_LEAVING: m.network_leaving,
    PROVIDER_STATUS_LEFT: m.network_left,
  }
  return (names[status] ?? (() => status))()
}
export function dealStatus(status: string): string {
  const names: Record<string, () => string> = {
    DEAL_STATUS_REQUESTED: m.network_deal_requested,
    DEAL_STATUS_ACTIVE: m.network_deal_active,
    DEAL_STATUS_ENDED: m.network_deal_ended,
    DEAL_STATUS_LOST: m.network_deal_lost,
  }
  return (names[status] ?? (() => status))()
}
export const host = (endpoint: string): string => {
  try {
    return new URL(endpoint).host
  } catch {
    return endpoint
  }
}
